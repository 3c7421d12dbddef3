// Holds a word from a pulse to the next one, without a cycle of delay.
//   data_o = pulse_i ? data_i : data_i of the last pulse
// Latency: 0. Carries a step's meta bits along its beats.
module finngl_hold #(
    parameter int Width = 1  // bits, >= 1
) (
    input  logic             clk_i,
    input  logic             pulse_i,
    input  logic [Width-1:0] data_i,
    output logic [Width-1:0] data_o
);
  initial begin
    if (Width < 1) $fatal(1, "finngl_hold: Width must be >= 1");
  end
  logic [Width-1:0] held_q;
  always_ff @(posedge clk_i) if (pulse_i) held_q <= data_i;
  assign data_o = pulse_i ? data_i : held_q;
endmodule
