// Ready/valid FIFO in shift registers (SRL): one LUT for each bit and 32 words, no output multiplexer up to 32 words.
//
//   latency  1: a word taken in cycle n is offered in cycle n + 1
//   II       1 for Depth >= 2. With Depth = 1 every second cycle, because in_ready_o is a register.
//   No combinational path from any input to any output but clk_i.
// Layout: word 0 of the shift register is the newest; tap_q points at the oldest.
// Stall example, Depth = 2: words a, b enter in cycles 0, 1; out_ready_i is low; cycle 2: in_ready_o = 0, out_data_o = a
// until out_ready_i is seen high, b is offered in the next cycle and in_ready_o returns in that cycle.
module finngl_fifo #(
    parameter int Width = 8,  // bits of a word, >= 1
    parameter int Depth = 2   // words, >= 1
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic [Width-1:0] in_data_i,
    input  logic             in_valid_i,
    output logic             in_ready_o,
    output logic [Width-1:0] out_data_o,
    output logic             out_valid_o,
    input  logic             out_ready_i
);
  localparam int TapBits = (Depth > 1) ? $clog2(Depth) : 1;

  initial begin
    if (Width < 1 || Depth < 1) $fatal(1, "finngl_fifo: Width and Depth must be at least 1");
  end

  logic [TapBits-1:0] tap_q, tap_d;
  logic valid_q, valid_d;
  logic ready_q;
  logic push, pop, move;

  assign push = in_valid_i && ready_q;
  assign pop  = valid_q && out_ready_i;

  // The first word in and the last word out leave the tap at 0.
  assign move    = (push != pop) && (push ? valid_q : tap_q != '0);
  assign tap_d   = tap_q + (push ? TapBits'(move) : {TapBits{move}});
  assign valid_d = push || (valid_q && !(pop && tap_q == '0));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      tap_q   <= '0;
      valid_q <= 1'b0;
      ready_q <= 1'b0;  // nothing is taken during reset
    end else begin
      tap_q   <= tap_d;
      valid_q <= valid_d;
      ready_q <= !(valid_d && tap_d == TapBits'(Depth - 1));
    end
  end

  // Written bit by bit: Yosys infers no SRL from shifted words.
  for (genvar b = 0; b < Width; b++) begin : gen_bit
    logic [Depth-1:0] sr_q;
    always_ff @(posedge clk_i) begin
      if (push) sr_q <= Depth'({sr_q, in_data_i[b]});
    end
    if (Depth == 1) begin : gen_one
      assign out_data_o[b] = sr_q[0];
    end else begin : gen_tap
      assign out_data_o[b] = sr_q[tap_q];
    end
  end

  assign in_ready_o  = ready_q;
  assign out_valid_o = valid_q;

`ifdef FINNGL_ASSERT
  a_stable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   out_valid_o && !out_ready_i |=> out_valid_o && $stable(out_data_o));
`endif
endmodule
