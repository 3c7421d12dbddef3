// Gives the beats of one pass' tail to the tail of a later pass of the same step, in order.
//
//   w_valid_i in cycle n -> the word can be read from n + 1 on; r_valid_i in cycle n -> r_data_o in n + 1.
//   II 1 on both sides. There is no handshake: the schedule knows that a word is written before it is read and that no
//   more than Words wait. FINNGL_ASSERT checks both in simulation.
// Example, Words 4: written in cycles 3, 4, 5, 6, read in cycles 20, 22, 24, 26: data in cycles 21, 23, 25, 27.
module finngl_handover #(
    parameter int Width = 8,  // bits of a word, >= 1
    parameter int Words = 4,  // words that wait at most, >= 2
    localparam int AddrBits = $clog2(Words)
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic             w_valid_i,
    input  logic [Width-1:0] w_data_i,
    input  logic             r_valid_i,
    output logic [Width-1:0] r_data_o
);
  initial begin
    if (Width < 1 || Words < 2) $fatal(1, "finngl_handover: Width must be >= 1 and Words >= 2");
  end

  logic [Width-1:0]    mem_q[Words];
  logic [Width-1:0]    data_q;
  logic [AddrBits-1:0] w_addr_q, r_addr_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      w_addr_q <= '0;
      r_addr_q <= '0;
    end else begin
      if (w_valid_i) w_addr_q <= (w_addr_q == AddrBits'(Words - 1)) ? '0 : w_addr_q + AddrBits'(1);
      if (r_valid_i) r_addr_q <= (r_addr_q == AddrBits'(Words - 1)) ? '0 : r_addr_q + AddrBits'(1);
    end
  end
  always_ff @(posedge clk_i) begin
    if (w_valid_i) mem_q[w_addr_q] <= w_data_i;
    data_q <= mem_q[r_addr_q];
  end
  assign r_data_o = data_q;

`ifdef FINNGL_ASSERT
  int waiting_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) waiting_q <= 0;
    else waiting_q <= waiting_q + 32'(w_valid_i) - 32'(r_valid_i);
  end
  a_not_empty :
  assert property (@(posedge clk_i) disable iff (!rst_ni) r_valid_i |-> waiting_q > 0);
  a_not_full :
  assert property (@(posedge clk_i) disable iff (!rst_ni) w_valid_i |-> waiting_q < Words || r_valid_i);
`endif
endmodule
