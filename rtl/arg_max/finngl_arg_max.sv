// Index of the largest element of a step: finn.arg_max as a stream element.
//
//   out = the least k with in[k] >= in[j] for all j (SelectLast: the largest such k); a step is Elements beats of one
//   element and becomes one beat.
//   latency: the index of a step whose last beat is taken in cycle n is offered in n + 1 (a FIFO of two beats). One beat a
//   cycle; s_ready_o, m_valid_o do not depend on the other side's handshake.
// Sideband: an index has the user bits, last and err of its step's last beat.
// Errors: a beat with s_err_i, or with s_last_i inside of a step (upstream has reported it), leaves as one beat with
// m_last_o and m_err_o, data undefined, one cycle later than others; the next beat begins a packet.
// Stall example, Elements = 3, m_ready_i = 0: two indices wait, the first two elements of the third step are taken, its
// last one waits with s_ready_o = 0.
module finngl_arg_max #(
    parameter int ElemBits   = 8,  // bits of an element, >= 1
    parameter int Signed     = 1,  // elements are two's complement
    parameter int Elements   = 2,  // elements of a step, >= 1
    parameter int IndexBits  = 1,  // bits of an index: holds Elements - 1
    parameter int SelectLast = 0,  // the last one of equal elements, not the first
    parameter int UserBits   = 1   // >= 1
) (
    input  logic                 clk_i,
    input  logic                 rst_ni,
    input  logic [ElemBits-1:0]  s_data_i,
    input  logic [UserBits-1:0]  s_user_i,
    input  logic                 s_last_i,
    input  logic                 s_err_i,
    input  logic                 s_valid_i,
    output logic                 s_ready_o,
    output logic [IndexBits-1:0] m_data_o,
    output logic [UserBits-1:0]  m_user_o,
    output logic                 m_last_o,
    output logic                 m_err_o,
    output logic                 m_valid_o,
    input  logic                 m_ready_i
);
  initial begin
    if (ElemBits < 1 || Elements < 1 || IndexBits < 1 || $clog2(Elements) > IndexBits || UserBits < 1)
      $fatal(1, "finngl_arg_max: parameter out of range");
  end

  logic [IndexBits-1:0] at_q, best_q, best;  // of the element that comes, of the largest one so far
  logic [ElemBits-1:0]  most_q;
  logic                 step_end, take, broken, flush_q, push, room, greater, better;
  logic [UserBits-1:0]  user_q;

  assign step_end  = at_q == IndexBits'(Elements - 1);
  assign broken    = s_err_i || (s_last_i && !step_end);
  assign s_ready_o = !flush_q && (!step_end || room);
  assign take      = s_valid_i && s_ready_o;
  assign push      = (take && step_end && !broken) || (flush_q && room);

  assign greater = (Signed != 0) ? $signed(s_data_i) > $signed(most_q) : s_data_i > most_q;
  assign better  = at_q == '0 || greater || (SelectLast != 0 && s_data_i == most_q);
  assign best    = better ? at_q : best_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      at_q    <= '0;
      flush_q <= 1'b0;
    end else begin
      flush_q <= (take && broken) || (flush_q && !room);
      if (take) at_q <= (broken || step_end) ? '0 : at_q + IndexBits'(1);
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) best_q <= best;
    if (take && better) most_q <= s_data_i;
    if (take) user_q <= s_user_i;
  end

  finngl_fifo #(
      .Width(IndexBits + UserBits + 2),
      .Depth(2)
  ) i_fifo (
      .clk_i,
      .rst_ni,
      .in_data_i  ({flush_q, flush_q || s_last_i, flush_q ? user_q : s_user_i, best}),
      .in_valid_i (push),
      .in_ready_o (room),
      .out_data_o ({m_err_o, m_last_o, m_user_o, m_data_o}),
      .out_valid_o(m_valid_o),
      .out_ready_i(m_ready_i)
  );
endmodule
