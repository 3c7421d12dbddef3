// Properties of finngl_fifo for any input and any stall pattern, with a reset in any cycle.
//
// One word, chosen freely at any time (track_i), is followed from its entry to its exit: the number of words before it
// is counted, and exactly after that many exits it must be offered with the value it entered with. As the word is any
// word, this is: no loss, no duplication, order kept, value kept. The free choice covers every word of a run.
// The words are 2 bits wide; the bits of a word are equal and independent copies, so the width does not matter.
module fifo_properties #(
    parameter int Depth = 3
) (
    input logic       clk_i,
    input logic       rst_ni,
    input logic [1:0] in_data_i,
    input logic       in_valid_i,
    input logic       out_ready_i,
    input logic       track_i
);
  localparam int TapBits = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int CountBits = $clog2(Depth + 1);

  logic in_ready, out_valid;
  logic [1:0] out_data;

  finngl_fifo #(
      .Width(2),
      .Depth(Depth)
  ) i_fifo (
      .clk_i,
      .rst_ni,
      .in_data_i,
      .in_valid_i,
      .in_ready_o (in_ready),
      .out_data_o (out_data),
      .out_valid_o(out_valid),
      .out_ready_i
  );

  // The model: how many words are inside, and where the followed one is.
  logic started_q = 1'b0;  // a reset has been
  logic tracking_q, stalled_q, reset_q;
  logic [CountBits-1:0] count_q, before_q;
  logic [1:0] value_q, data_q;
  logic push, pop;

  assign push = in_valid_i && in_ready;
  assign pop  = out_valid && out_ready_i;

  always_ff @(posedge clk_i) begin
    reset_q <= !rst_ni;
    data_q <= out_data;
    stalled_q <= rst_ni && out_valid && !out_ready_i;
    if (!rst_ni) begin
      started_q  <= 1'b1;
      tracking_q <= 1'b0;
      count_q    <= '0;
    end else begin
      count_q <= count_q + CountBits'(push) - CountBits'(pop);
      if (push && track_i && !tracking_q) begin
        tracking_q <= 1'b1;
        before_q   <= count_q - CountBits'(pop);
        value_q    <= in_data_i;
      end else if (tracking_q && pop) begin
        if (before_q == '0) tracking_q <= 1'b0;
        before_q <= before_q - CountBits'(1);
      end
    end
  end

  always_comb begin
    if (!started_q) assume (!rst_ni);
    if (started_q) begin
      a_offered : assert (out_valid == (count_q != '0));
      a_ready : assert (in_ready == (count_q != CountBits'(Depth) && !reset_q));
      if (tracking_q) a_inside : assert (out_valid && before_q < count_q);
      if (tracking_q && before_q == '0) a_value : assert (out_data == value_q);
      if (stalled_q) a_stable : assert (out_valid && out_data == data_q);
    end
  end

  // What induction needs: the model's view of the registers inside.
  (* hierconn *) wire [TapBits-1:0] \i_fifo.tap_q ;
  (* hierconn *) wire [Depth-1:0] \i_fifo.gen_bit[0].sr_q ;
  (* hierconn *) wire [Depth-1:0] \i_fifo.gen_bit[1].sr_q ;
  logic [CountBits-1:0] place;  // of the followed word in the shift register, 0 = newest
  assign place = count_q - CountBits'(1) - before_q;
  always_comb begin
    if (started_q) begin
      i_count : assert (count_q <= CountBits'(Depth));
      i_tap : assert (count_q == '0 ? \i_fifo.tap_q == '0 : CountBits'(\i_fifo.tap_q ) == count_q - CountBits'(1));
      if (reset_q) i_reset : assert (count_q == '0 && !tracking_q);
      for (int i = 0; i < Depth; i++)
        if (tracking_q && place == CountBits'(i))
          assert ({\i_fifo.gen_bit[1].sr_q [i], \i_fifo.gen_bit[0].sr_q [i]} == value_q);
    end
  end
endmodule
