// Product of two numbers in LUTs and carry chains.
//   y_o = a_i * b_i, exact, combinational (latency 0)
// b is cut into digits of two bits; a digit's partial product is one addition (b0 ? a : 0) + (b1 ? 2a : 0), with the
// top bit of a signed b subtracted. Written out because Yosys gives every `*` a DSP and, without DSPs, twice the LUTs.
// Connect the narrower operand to b.
module finngl_mul_lut #(
  parameter int AWidth  = 8, // >= 1
  parameter bit ASigned = 1,
  parameter int BWidth  = 6, // >= 1
  parameter bit BSigned = 0
) (
  input  logic [AWidth-1:0]        a_i,
  input  logic [BWidth-1:0]        b_i,
  output logic [AWidth+BWidth-1:0] y_o
);
  localparam int Digits  = (BWidth + 1) / 2;
  localparam int YWidth  = AWidth + BWidth;

  initial begin
    if (AWidth < 1 || BWidth < 1) $fatal(1, "finngl_mul_lut: widths must be >= 1");
  end

  for (genvar i = 0; i < Digits; i++) begin : gen_digit
    // From -2a to 3a, and no wider than the product's remaining bits.
    localparam int PpWidth = AWidth + 3 < YWidth - 2 * i ? AWidth + 3 : YWidth - 2 * i;
    logic signed [PpWidth-1:0] a, pp;
    if (ASigned) begin : gen_a_signed
      assign a = PpWidth'($signed(a_i));
    end else begin : gen_a_unsigned
      assign a = PpWidth'(a_i);
    end
    if (2 * i + 1 == BWidth) begin : gen_single
      if (BSigned) begin : gen_negative
        assign pp = b_i[2*i] ? -a : '0;
      end else begin : gen_positive
        assign pp = b_i[2*i] ? a : '0;
      end
    end else if (BSigned && i == Digits - 1) begin : gen_top
      assign pp = (b_i[2*i] ? a : '0) - (b_i[2*i+1] ? (a <<< 1) : '0);
    end else begin : gen_pair
      assign pp = (b_i[2*i] ? a : '0) + (b_i[2*i+1] ? (a <<< 1) : '0);
    end
    // A sum of the digits so far, kept to the bits that it can change.
    logic [YWidth-1:0] sum;
    if (i == 0) begin : gen_first
      assign sum = YWidth'(pp);
    end else begin : gen_next
      assign sum = {gen_digit[i-1].sum[YWidth-1:2*i] + (YWidth-2*i)'(pp), gen_digit[i-1].sum[2*i-1:0]};
    end
  end
  assign y_o = gen_digit[Digits-1].sum;
endmodule
