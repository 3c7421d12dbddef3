// Delays a word by Depth cycles.
//   data_o(n) = data_i(n - Depth)
// Latency: Depth cycles, initiation interval 1. Depth 0 is a wire.
// With Reset = 0 nothing is reset, so that the line maps to shift register LUTs (SRL); with Reset = 1 every stage is
// cleared, for pulses and other control bits.
module finngl_delay #(
  parameter int Width = 1, // bits of a word, >= 1
  parameter int Depth = 1, // cycles, >= 0
  parameter bit Reset = 0  // 1: synchronous reset of all stages
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [Width-1:0] data_i,
  output logic [Width-1:0] data_o
);
  initial begin
    if (Width < 1 || Depth < 0) $fatal(1, "finngl_delay: Width must be >= 1 and Depth >= 0");
  end

  if (Depth == 0) begin : gen_wire
    assign data_o = data_i;
    logic unused_clock;
    assign unused_clock = &{1'b0, clk_i, rst_ni};
  end else begin : gen_line
    logic [Depth*Width-1:0] line_d, line_q;
    if (Depth == 1) begin : gen_one
      assign line_d = data_i;
    end else begin : gen_more
      assign line_d = {line_q[(Depth-1)*Width-1:0], data_i};
    end
    if (Reset) begin : gen_reset
      always_ff @(posedge clk_i) begin
        if (!rst_ni) line_q <= '0;
        else line_q <= line_d;
      end
    end else begin : gen_plain
      always_ff @(posedge clk_i) line_q <= line_d;
      logic unused_reset;
      assign unused_reset = rst_ni;
    end
    assign data_o = line_q[(Depth-1)*Width +: Width];
  end
endmodule
