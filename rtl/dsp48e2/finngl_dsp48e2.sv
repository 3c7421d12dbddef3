// One DSP48E2 slice of an UltraScale+ part, used as pre-adder, multiplier, cascade adder and accumulator.
//   p(n + 4) = (a(n) + d(n)) * b(n) + (Cascade ? pcin(n + 3) : 0) + (acc(n) ? p(n + 3) : 0)
// Everything is signed. The sum a + d must fit 27 bits; p wraps at 48 bits.
// Latency: 4 cycles from a_i, d_i, b_i, acc_i to p_o, initiation interval 1. pcin_i has one register (P): in a cascade
// each slice takes its operands one cycle after the slice before it, and pcin_i is that slice's pcout_o.
// Registers: A 1, D 1, AD 1, B 2, M 1, P 1, OPMODE 1 (acc_i has two more in the fabric). Nothing is reset: a sum starts
// with acc_i = 0.
// Synthesis instantiates the primitive; simulation uses the model of this subset at the end of the file.
module finngl_dsp48e2 #(
  parameter bit Cascade = 0 // 1: pcin_i is added; it must come from the pcout_o of another slice
) (
  input  logic        clk_i,
  input  logic [26:0] a_i,
  input  logic [26:0] d_i,
  input  logic [17:0] b_i,
  input  logic        acc_i,
  input  logic [47:0] pcin_i,
  output logic [47:0] p_o,
  output logic [47:0] pcout_o
);
  // The operation of a cycle is needed where M meets P, two cycles before the operands get there with OPMODEREG = 1.
  logic acc1_q, acc2_q;
  always_ff @(posedge clk_i) begin
    acc1_q <= acc_i;
    acc2_q <= acc1_q;
  end

  logic [47:0] pcin;
  if (Cascade) begin : gen_cascade
    assign pcin = pcin_i;
  end else begin : gen_no_cascade
    assign pcin = 48'd0;
    logic unused_pcin;
    assign unused_pcin = &{1'b0, pcin_i};
  end

`ifdef SYNTHESIS
  DSP48E2 #(
    .ACASCREG(1), .ADREG(1), .ALUMODEREG(1), .AMULTSEL("AD"), .AREG(1), .A_INPUT("DIRECT"),
    .BCASCREG(2), .BMULTSEL("B"), .BREG(2), .B_INPUT("DIRECT"),
    .CARRYINREG(1), .CARRYINSELREG(1), .CREG(1), .DREG(1), .INMODEREG(1), .MREG(1), .OPMODEREG(1),
    .PREADDINSEL("A"), .PREG(1), .USE_MULT("MULTIPLY"), .USE_PATTERN_DETECT("NO_PATDET"),
    .USE_SIMD("ONE48"), .USE_WIDEXOR("FALSE")
  ) u_dsp (
    .CLK(clk_i),
    .A({{3{a_i[26]}}, a_i}), .B(b_i), .C(48'd0), .D(d_i),
    .INMODE(5'b00100),                          // multiplier inputs D + A2 and B2
    .OPMODE({1'b0, acc2_q, 2'b00, Cascade, 4'b0101}), // W = acc ? P : 0, Z = Cascade ? PCIN : 0, X and Y = M
    .ALUMODE(4'b0000), .CARRYIN(1'b0), .CARRYINSEL(3'b000),
    .ACIN(30'd0), .BCIN(18'd0), .PCIN(pcin), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0),
    .CEA1(1'b0), .CEA2(1'b1), .CEB1(1'b1), .CEB2(1'b1), .CEC(1'b0), .CED(1'b1), .CEAD(1'b1), .CEM(1'b1),
    .CEP(1'b1), .CECTRL(1'b1), .CEALUMODE(1'b1), .CEINMODE(1'b1), .CECARRYIN(1'b1),
    .RSTA(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTCTRL(1'b0),
    .RSTD(1'b0), .RSTINMODE(1'b0), .RSTM(1'b0), .RSTP(1'b0),
    .P(p_o), .PCOUT(pcout_o),
    .ACOUT(), .BCOUT(), .CARRYCASCOUT(), .CARRYOUT(), .MULTSIGNOUT(), .OVERFLOW(), .PATTERNBDETECT(),
    .PATTERNDETECT(), .UNDERFLOW(), .XOROUT()
  );
`else
  logic signed [26:0] a_q, d_q, ad_q;
  logic signed [17:0] b1_q, b2_q;
  logic signed [44:0] m_q;
  logic        [47:0] p_q;
  logic               acc3_q;
  always_ff @(posedge clk_i) begin
    a_q    <= a_i;
    d_q    <= d_i;
    b1_q   <= b_i;
    ad_q   <= a_q + d_q;
    b2_q   <= b1_q;
    m_q    <= 45'(ad_q) * 45'(b2_q);
    acc3_q <= acc2_q;
    p_q    <= {{3{m_q[44]}}, m_q} + pcin + (acc3_q ? p_q : 48'd0);
  end
  assign p_o     = p_q;
  assign pcout_o = p_q;
`endif
endmodule
