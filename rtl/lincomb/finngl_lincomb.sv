// Linear combination of up to four streams.
//   y = sum over i < Terms of p[i] * v[i], + c[ch];  Clamp: y = clamp(y, Lo, Hi)
// ch counts the valid beats modulo Channels from 0 after reset. The p[i] of Varying belong to the channel, too.
// Latency: 2 cycles (products; sum and clamp), or 1 with Fast; initiation interval 1.
// Term i: v[i] = data_i[i*MaxIn +: Widths[i*32 +: 32]], signed if Signed[i]; p[i] = Coeffs[i*48 +: 48], signed.
// Images: word ch of CFile is c[ch], CWidth bits, signed; bits [i*PWidth +: PWidth] of word ch of PFile are p[i] of a
// varying term, signed.
module finngl_lincomb #(
  parameter int           Terms     = 2,  // 1 to 4
  parameter int           MaxIn     = 8,  // bits of a term's slot, 1 to 48
  parameter       [127:0] Widths    = {4{32'd8}}, // 1 to MaxIn each
  parameter         [3:0] Signed    = 4'b1111,
  parameter       [191:0] Coeffs    = {4{48'd1}},
  parameter         [3:0] Varying   = 4'b0000, // term i: p[i] of each channel's own, from PFile, not from Coeffs
  parameter int           PChannels = 1,  // beats of a step, >= 2 if a term varies
  parameter int           PWidth    = 1,  // bits of a varying p[i], signed, 1 to 48
  parameter               PFile     = "",
  parameter int           SumWidth  = 12, // signed bits that hold the sum, 2 to 62
  parameter int           Channels  = 1,  // beats of a step, >= 1; 1: the constant C, no file
  parameter int           CWidth    = 8,  // bits of c, signed, 1 to SumWidth
  parameter signed [63:0] C         = 0,
  parameter               CFile     = "",
  parameter bit           Clamp     = 0,
  parameter signed [63:0] Lo        = 0,
  parameter signed [63:0] Hi        = 0,
  parameter int           OutWidth  = 10, // 1 to 62
  parameter bit           OutSigned = 1,
  parameter bit           Fast      = 0,  // 1: one cycle; every p[i] is +-2^n, none varies
  parameter int           Dsp       = 1   // 1: `*`, which Yosys maps to DSP48E2; 0: shifts and adds
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   valid_i,
  input  logic [Terms*MaxIn-1:0] data_i,
  output logic                   valid_o,
  output logic [OutWidth-1:0]    data_o
);
  initial begin
    if (Terms < 1 || Terms > 4 || MaxIn < 1 || MaxIn > 48) $fatal(1, "finngl_lincomb: Terms or MaxIn out of range");
    if (SumWidth < 2 || SumWidth > 62 || OutWidth < 1 || OutWidth > 62 || CWidth < 1 || CWidth > SumWidth)
      $fatal(1, "finngl_lincomb: SumWidth, OutWidth or CWidth out of range");
    if (PWidth < 1 || PWidth > 48) $fatal(1, "finngl_lincomb: PWidth out of range");
    if (Varying != 4'd0 && (PChannels < 2 || Fast))
      $fatal(1, "finngl_lincomb: varying terms need PChannels and two cycles");
    if (Channels == 1 && C >>> (CWidth - 1) != 64'sd0 && C >>> (CWidth - 1) != -64'sd1)
      $fatal(1, "finngl_lincomb: C needs more than CWidth bits");
    if (Clamp && (Lo > Hi || Lo < (OutSigned ? -(64'sd1 <<< (OutWidth - 1)) : 64'sd0) ||
                  Hi >= (64'sd1 <<< (OutSigned ? OutWidth - 1 : OutWidth))))
      $fatal(1, "finngl_lincomb: Lo and Hi do not fit the output");
  end

  logic [CWidth-1:0]         c;
  logic [Terms*SumWidth-1:0] part;
  logic [SumWidth-1:0]       c_part;
  finngl_channel_const #(.Channels(Channels), .Width(CWidth), .File(CFile), .Value(C)) u_c (
    .clk_i, .rst_ni, .next_i(valid_i), .const_o(c)
  );
  logic [Terms*PWidth-1:0] p;
  if (Varying != 4'd0) begin : gen_varying
    finngl_channel_const #(.Channels(PChannels), .Width(Terms * PWidth), .File(PFile)) u_p (
      .clk_i, .rst_ni, .next_i(valid_i), .const_o(p)
    );
  end else begin : gen_uniform
    assign p = '0;
  end
  for (genvar i = 0; i < Terms; i++) begin : gen_term
    localparam int           Width     = Widths[i*32 +: 32];
    localparam signed [63:0] P         = {{16{Coeffs[i*48+47]}}, Coeffs[i*48 +: 48]};
    localparam signed [63:0] Magnitude = P < 64'sd0 ? -P : P;
    localparam int           Bits      = $clog2(Magnitude + 64'sd1) + 1; // of P
    initial begin
      if (Width < 1 || Width > MaxIn) $fatal(1, "finngl_lincomb: a width is not in 1 to MaxIn");
      if (Fast && (P == 64'sd0 || (Magnitude & (Magnitude - 64'sd1)) != 64'sd0))
        $fatal(1, "finngl_lincomb: Fast needs coefficients +-2^n");
    end
    if (Varying[i]) begin : gen_mul
      logic unused_valid;
      finngl_mul #(
        .AWidth(Width), .ASigned(Signed[i]), .BWidth(PWidth), .BSigned(1), .OutWidth(SumWidth), .Dsp(Dsp)
      ) u_mul (
        .clk_i, .rst_ni, .valid_i(valid_i), .a_i(data_i[i*MaxIn +: Width]), .b_i(p[i*PWidth +: PWidth]),
        .valid_o(unused_valid), .data_o(part[i*SumWidth +: SumWidth])
      );
    end else begin : gen_mul_const
      // +-2^n is a shift in either form; the signed-digit form keeps it out of a DSP.
      localparam int TermDsp = (Magnitude & (Magnitude - 64'sd1)) == 64'sd0 ? 0 : Dsp;
      logic [SumWidth-1:0] product;
      finngl_mul_const #(.AWidth(Width), .ASigned(Signed[i]), .PWidth(Bits), .P(P), .YWidth(SumWidth), .Dsp(TermDsp))
      u_mul (.a_i(data_i[i*MaxIn +: Width]), .y_o(product));
      if (Fast) begin : gen_direct
        assign part[i*SumWidth +: SumWidth] = product;
      end else begin : gen_register
        logic [SumWidth-1:0] product_q;
        always_ff @(posedge clk_i) product_q <= product;
        assign part[i*SumWidth +: SumWidth] = product_q;
      end
      logic unused_p;
      assign unused_p = &{1'b0, p[i*PWidth +: PWidth]};
    end
    if (Width < MaxIn) begin : gen_slot
      logic unused_slot;
      assign unused_slot = &{1'b0, data_i[i*MaxIn+Width +: MaxIn-Width]};
    end
  end

  logic valid;
  if (Fast) begin : gen_fast
    assign c_part = SumWidth'($signed(c));
    assign valid  = valid_i;
  end else begin : gen_two_stages
    logic              valid_q;
    logic [CWidth-1:0] c_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) valid_q <= 1'b0;
      else valid_q <= valid_i;
      c_q <= c;
    end
    assign c_part = SumWidth'($signed(c_q));
    assign valid  = valid_q;
  end

  for (genvar i = 0; i < Terms; i++) begin : gen_sum
    logic [SumWidth-1:0] sum;
    if (i == 0) begin : gen_first
      assign sum = c_part + part[0 +: SumWidth];
    end else begin : gen_next
      assign sum = gen_sum[i-1].sum + part[i*SumWidth +: SumWidth];
    end
  end

  localparam int LevelW = SumWidth > OutWidth ? SumWidth : OutWidth + 1; // holds the sum, Lo and Hi
  logic signed [LevelW-1:0] level, clamped;
  assign level = LevelW'($signed(gen_sum[Terms-1].sum));
  if (Clamp) begin : gen_clamp
    assign clamped = level < LevelW'(Lo) ? LevelW'(Lo) : level > LevelW'(Hi) ? LevelW'(Hi) : level;
  end else begin : gen_wrap
    assign clamped = level;
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_o <= 1'b0;
    else valid_o <= valid;
    data_o <= clamped[OutWidth-1:0];
  end
  logic unused_high;
  assign unused_high = &{1'b0, clamped};
endmodule
