// Numbers the beats of a step; can also make them.
//   Generate = 0: addr_o is the number of the beat that valid_i marks (same cycle), last_o marks the step's last beat.
//   Generate = 1: start_i in cycle n gives beats 0 .. Beats-1 on valid_o in cycles n+1 .. n+Beats; the next start_i may
//   come in cycle n+Beats. addr_o and last_o belong to valid_o.
// Latency: 0 (Generate = 0) or 1.
module finngl_beat_counter #(
    parameter int Beats    = 4,  // beats of a step, >= 1
    parameter bit Generate = 0,
    localparam int AddrBits = (Beats > 1) ? $clog2(Beats) : 1
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                start_i,  // Generate = 1: makes a step's beats; else marks a beat
    output logic                valid_o,
    output logic [AddrBits-1:0] addr_o,
    output logic                last_o
);
  initial begin
    if (Beats < 1) $fatal(1, "finngl_beat_counter: Beats must be >= 1");
  end
  logic [AddrBits-1:0] beat_q;
  logic                last;
  assign last   = beat_q == AddrBits'(Beats - 1);
  assign addr_o = beat_q;
  assign last_o = valid_o && last;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) beat_q <= '0;
    else if (valid_o) beat_q <= last ? '0 : beat_q + AddrBits'(1);
  end
  if (Generate) begin : gen_beats
    logic busy_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) busy_q <= 1'b0;
      else if (start_i) busy_q <= 1'b1;
      else if (last) busy_q <= 1'b0;
    end
    assign valid_o = busy_q;
  end else begin : gen_follow
    assign valid_o = start_i;
  end
endmodule
