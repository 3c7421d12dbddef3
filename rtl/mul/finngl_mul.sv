// Product of two streams.
//   data_o = a_i * b_i, exact while OutWidth holds it (the low OutWidth bits otherwise)
// Latency: 1 cycle, initiation interval 1.
module finngl_mul #(
  parameter int AWidth   = 8,  // >= 1
  parameter bit ASigned  = 1,
  parameter int BWidth   = 6,  // >= 1
  parameter bit BSigned  = 0,
  parameter int OutWidth = 14, // >= 1; the whole product has AWidth + BWidth bits
  parameter int Dsp      = 1   // 1: `*`, which Yosys maps to DSP48E2; 0: partial products in LUTs
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                valid_i,
  input  logic [AWidth-1:0]   a_i,
  input  logic [BWidth-1:0]   b_i,
  output logic                valid_o,
  output logic [OutWidth-1:0] data_o
);
  localparam int YWidth  = AWidth + BWidth;
  localparam bit YSigned = ASigned || BSigned;

  initial begin
    if (AWidth < 1 || BWidth < 1 || OutWidth < 1) $fatal(1, "finngl_mul: widths must be >= 1");
    if (Dsp != 0 && Dsp != 1) $fatal(1, "finngl_mul: Dsp must be 0 or 1");
  end

  logic [YWidth-1:0] y;
  if (Dsp == 1) begin : gen_dsp
    // One sign bit more than the operand makes both signed, whatever they were.
    logic signed [AWidth:0] a;
    logic signed [BWidth:0] b;
    assign a = {ASigned & a_i[AWidth-1], a_i};
    assign b = {BSigned & b_i[BWidth-1], b_i};
    assign y = YWidth'(a) * YWidth'(b);
  end else if (AWidth >= BWidth) begin : gen_lut
    finngl_mul_lut #(.AWidth(AWidth), .ASigned(ASigned), .BWidth(BWidth), .BSigned(BSigned)) u_mul (
      .a_i, .b_i, .y_o(y)
    );
  end else begin : gen_lut_swapped
    finngl_mul_lut #(.AWidth(BWidth), .ASigned(BSigned), .BWidth(AWidth), .BSigned(ASigned)) u_mul (
      .a_i(b_i), .b_i(a_i), .y_o(y)
    );
  end

  logic [OutWidth-1:0] data_d;
  if (YWidth > OutWidth) begin : gen_cut
    assign data_d = y[OutWidth-1:0];
    logic unused_high;
    assign unused_high = &{1'b0, y[YWidth-1:OutWidth]};
  end else if (YSigned) begin : gen_signed
    assign data_d = OutWidth'($signed(y));
  end else begin : gen_unsigned
    assign data_d = OutWidth'(y);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_o <= 1'b0;
    else valid_o <= valid_i;
    data_o <= data_d;
  end
endmodule
