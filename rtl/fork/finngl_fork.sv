// Gives each word of a ready/valid stream to N consumers, to each exactly once.
//
//   latency 0, II 1 if all consumers are ready. A consumer that is ready early takes the word at once; the word leaves
//   the input when the slowest has taken it. m_valid_o never depends on m_ready_i; s_ready_o does (no way back from
//   it to a valid).
// Stall example, N = 2: consumer 0 takes the word in cycle 0, consumer 1 in cycle 3: s_ready_o = 1 in cycle 3 only, and
// consumer 0 sees valid = 0 in cycles 1 to 3.
module finngl_fork #(
    parameter int Width = 8,  // bits of a word, >= 1
    parameter int N     = 2   // consumers, >= 1
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic [Width-1:0] s_data_i,
    input  logic             s_valid_i,
    output logic             s_ready_o,
    output logic [Width-1:0] m_data_o,   // the same for all consumers
    output logic [N-1:0]     m_valid_o,
    input  logic [N-1:0]     m_ready_i
);
  initial begin
    if (Width < 1 || N < 1) $fatal(1, "finngl_fork: Width and N must be at least 1");
  end

  logic [N-1:0] done_q;  // consumers that have the present word

  always_ff @(posedge clk_i) begin
    if (!rst_ni) done_q <= '0;
    else if (s_valid_i) done_q <= s_ready_o ? '0 : done_q | m_ready_i;
  end

  assign m_data_o  = s_data_i;
  assign m_valid_o = {N{s_valid_i}} & ~done_q;
  assign s_ready_o = &(done_q | m_ready_i);

`ifdef FINNGL_ASSERT
  for (genvar i = 0; i < N; i++) begin : gen_assert
    // Holds if the source keeps its word, which the source asserts itself.
    a_valid_stays :
    assert property (@(posedge clk_i) disable iff (!rst_ni)
                     m_valid_o[i] && !m_ready_i[i] |=> m_valid_o[i] || !s_valid_i);
  end
`endif
endmodule
