// Requantisation of an integer stream with one multiplication.
//   v = P*a + c[ch];  y = v >>> K;  if (HasTie and v mod 2^K < w[ch]) y -= y & 1;  y = clamp(y, Lo, Hi)
// ch counts the valid beats modulo Channels from 0 after reset.
// Latency: 3 cycles (product, sum, result), initiation interval 1.
// Images: word ch of CFile is c[ch], CWidth bits, signed; word ch of WFile is w[ch], K + 1 bits, unsigned.
module finngl_requant #(
  parameter int           InWidth   = 19, // >= 1
  parameter bit           InSigned  = 1,
  parameter int           PWidth    = 8,  // bits of P, signed, 1 to 60
  parameter signed [63:0] P         = 1,
  parameter int           K         = 8,  // fraction bits, 0 to 62
  parameter int           Channels  = 1,  // beats of a step, >= 1; 1: the constants C and W, no files
  parameter int           CWidth    = 16, // bits of c, signed, 1 to 63
  parameter signed [63:0] C         = 0,
  parameter               CFile     = "",
  parameter bit           HasTie    = 0,
  parameter        [63:0] W         = 0,
  parameter               WFile     = "",
  parameter signed [63:0] Lo        = -32,
  parameter signed [63:0] Hi        = 31,
  parameter int           OutWidth  = 6,  // 1 to 62
  parameter bit           OutSigned = 1,
  parameter int           Dsp       = 1   // 1: `*`, which Yosys maps to DSP48E2; 0: shifts and adds
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                valid_i,
  input  logic [InWidth-1:0]  data_i,
  output logic                valid_o,
  output logic [OutWidth-1:0] data_o
);
  localparam int ProductW = InWidth + PWidth;
  localparam int SumW     = (ProductW > CWidth ? ProductW : CWidth) + 1;
  localparam int LevelW   = SumW > K + OutWidth + 1 ? SumW - K : OutWidth + 2; // holds y, Lo and Hi

  initial begin
    if (K < 0 || K > 62 || CWidth < 1 || CWidth > 63) $fatal(1, "finngl_requant: K or CWidth out of range");
    if (Channels == 1 && C >>> (CWidth - 1) != 64'sd0 && C >>> (CWidth - 1) != -64'sd1)
      $fatal(1, "finngl_requant: C needs more than CWidth bits");
    if (OutWidth < 1 || OutWidth > 62 || Lo > Hi) $fatal(1, "finngl_requant: OutWidth out of range or Lo > Hi");
    if (Lo < (OutSigned ? -(64'sd1 <<< (OutWidth - 1)) : 64'sd0) ||
        Hi >= (64'sd1 <<< (OutSigned ? OutWidth - 1 : OutWidth)))
      $fatal(1, "finngl_requant: Lo and Hi do not fit the output");
  end

  // Stage 1: the product, without a DSP as two partial sums, and the constants.
  logic signed [SumW-1:0]   product;
  logic signed [CWidth-1:0] c, c_q;
  finngl_channel_const #(.Channels(Channels), .Width(CWidth), .File(CFile), .Value(C)) u_c (
    .clk_i, .rst_ni, .next_i(valid_i), .const_o(c)
  );
  always_ff @(posedge clk_i) c_q <= c;
  if (Dsp == 1 || PWidth < 6) begin : gen_product
    logic [ProductW-1:0] product_d, product_q;
    finngl_mul_const #(.AWidth(InWidth), .ASigned(InSigned), .PWidth(PWidth), .P(P), .YWidth(ProductW), .Dsp(Dsp))
    u_mul (.a_i(data_i), .y_o(product_d));
    always_ff @(posedge clk_i) product_q <= product_d;
    assign product = SumW'($signed(product_q));
  end else begin : gen_halves
    // P = PHigh * 2^LowBits + PLow with a signed low half.
    localparam int           LowBits = PWidth / 2;
    localparam signed [63:0] PHigh   = (P + (64'sd1 <<< (LowBits - 1))) >>> LowBits;
    localparam signed [63:0] PLow    = P - (PHigh <<< LowBits);
    localparam int           HighW   = PWidth - LowBits + 1;
    logic [InWidth+LowBits-1:0] low_d, low_q;
    logic [InWidth+HighW-1:0]   high_d, high_q;
    finngl_mul_const #(.AWidth(InWidth), .ASigned(InSigned), .PWidth(LowBits), .P(PLow), .YWidth(InWidth+LowBits),
                       .Dsp(0)) u_low (.a_i(data_i), .y_o(low_d));
    finngl_mul_const #(.AWidth(InWidth), .ASigned(InSigned), .PWidth(HighW), .P(PHigh), .YWidth(InWidth+HighW),
                       .Dsp(0)) u_high (.a_i(data_i), .y_o(high_d));
    always_ff @(posedge clk_i) begin
      low_q  <= low_d;
      high_q <= high_d;
    end
    assign product = (SumW'($signed(high_q)) <<< LowBits) + SumW'($signed(low_q));
  end

  // Stage 2: the sum. Stage 3: round, clamp.
  logic signed [SumW-1:0]   sum_q;
  logic signed [LevelW-1:0] level;
  always_ff @(posedge clk_i) sum_q <= product + SumW'(c_q);
  if (HasTie) begin : gen_tie
    logic [K:0]             w, w1_q, w2_q;
    logic [K:0]             rest;
    logic signed [SumW-1:0] floor;
    finngl_channel_const #(.Channels(Channels), .Width(K+1), .File(WFile), .Value(W)) u_w (
      .clk_i, .rst_ni, .next_i(valid_i), .const_o(w)
    );
    always_ff @(posedge clk_i) begin
      w1_q <= w;
      w2_q <= w1_q;
    end
    if (K == 0) begin : gen_no_rest
      assign rest = 1'b0;
    end else begin : gen_rest
      assign rest = (K + 1)'($unsigned(sum_q[(K == 0 ? 0 : K - 1):0]));
    end
    // y - (y & 1) clears the last bit.
    assign floor = sum_q >>> K;
    assign level = LevelW'($signed({floor[SumW-1:1], floor[0] & !(rest < w2_q)}));
  end else begin : gen_floor
    assign level = LevelW'(sum_q >>> K);
  end

  logic signed [LevelW-1:0] clamped;
  logic valid1_q, valid2_q;
  assign clamped = level < LevelW'(Lo) ? LevelW'(Lo) : level > LevelW'(Hi) ? LevelW'(Hi) : level;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) {valid1_q, valid2_q, valid_o} <= '0;
    else {valid1_q, valid2_q, valid_o} <= {valid_i, valid1_q, valid2_q};
    data_o <= clamped[OutWidth-1:0];
  end
  logic unused_high;
  assign unused_high = &{1'b0, clamped};
endmodule
