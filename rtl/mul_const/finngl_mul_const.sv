// Product with a constant.
//   y_o = P * a_i, the low YWidth bits, combinational (latency 0)
// Dsp = 1 writes `*` (Yosys infers a DSP48E2, or wires for a power of two); Dsp = 0 adds and subtracts shifted copies
// of a_i, one for each nonzero digit of P in canonical signed-digit form.
module finngl_mul_const #(
  parameter int               AWidth  = 8,  // >= 1
  parameter bit               ASigned = 1,
  parameter int               PWidth  = 8,  // bits of P, signed, 1 to 60
  parameter signed     [63:0] P       = 1,
  parameter int               YWidth  = 16, // >= 1; the exact product has AWidth + PWidth bits
  parameter int               Dsp     = 1
) (
  input  logic [AWidth-1:0] a_i,
  output logic [YWidth-1:0] y_o
);
  initial begin
    if (AWidth < 1 || YWidth < 1 || PWidth < 1 || PWidth > 60) $fatal(1, "finngl_mul_const: width out of range");
    if (P >>> (PWidth - 1) != 64'sd0 && P >>> (PWidth - 1) != -64'sd1)
      $fatal(1, "finngl_mul_const: P needs more than PWidth bits");
  end

  logic signed [AWidth:0] a;
  assign a = {ASigned & a_i[AWidth-1], a_i};

  if (Dsp == 1) begin : gen_dsp
    localparam int MulW = AWidth + PWidth < YWidth ? AWidth + PWidth : YWidth;
    logic signed [MulW-1:0] y;
    assign y   = MulW'(a) * MulW'($signed(P[PWidth-1:0]));
    assign y_o = YWidth'(y);
  end else begin : gen_csd
    // Digit i of the form is +1 where Plus has bit i, -1 where Minus has it: P xor 3P marks the digits, 3P their sign.
    localparam [63:0] Triple = 64'(P) + (64'(P) << 1);
    localparam [63:0] Plus   = (Triple & (64'(P) ^ Triple)) >> 1;
    localparam [63:0] Minus  = (64'(P) & (64'(P) ^ Triple)) >> 1;
    logic signed [YWidth-1:0] wide;
    assign wide = YWidth'(a);
    for (genvar i = 0; i <= PWidth; i++) begin : gen_digit
      logic [YWidth-1:0] sum;
      logic [YWidth-1:0] below;
      if (i == 0) begin : gen_first
        assign below = '0;
      end else begin : gen_next
        assign below = gen_digit[i-1].sum;
      end
      if (Plus[i]) begin : gen_plus
        assign sum = below + (wide << i);
      end else if (Minus[i]) begin : gen_minus
        assign sum = below - (wide << i);
      end else begin : gen_zero
        assign sum = below;
      end
    end
    assign y_o = gen_digit[PWidth].sum;
  end
endmodule
