// A pulse and its copies 1, 2, ... Depth cycles later.
//   taps_o[k](n) = pulse_i(n - k); taps_o[0] is pulse_i itself
// All stages are cleared by reset. Times the cores of a tail.
module finngl_taps #(
    parameter int Depth = 4  // cycles of the last tap, >= 1
) (
    input  logic         clk_i,
    input  logic         rst_ni,
    input  logic         pulse_i,
    output logic [Depth:0] taps_o
);
  initial begin
    if (Depth < 1) $fatal(1, "finngl_taps: Depth must be >= 1");
  end
  logic [Depth:1] taps_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) taps_q <= '0;
    else taps_q <= taps_o[Depth-1:0];
  end
  assign taps_o = {taps_q, pulse_i};
endmodule
