// The K largest elements of a step, or their positions: finn.top_k and finn.arg_max as a stream element.
//
//   out[r] = element or position of rank r; a is before b if a > b, or a == b and a came first (SelectLast: last). A step is
//   Elements beats of one element and becomes K beats, rank 0 first.
//   latency: rank 0 of a step whose last beat is taken in cycle n is offered in n + 1, rank r in n + 1 + r (a FIFO of two
//   steps). One beat a cycle; s_ready_o, m_valid_o do not depend on the other side's handshake.
// Sideband: a step's beats have the user bits and err of its last beat, the last one of them its last.
// Errors: a beat with s_err_i, or with s_last_i inside of a step (upstream has reported it), leaves as one beat with
// m_last_o and m_err_o, data undefined, one cycle later than others; the next beat begins a packet.
// Registers: the elements of the step so far, sorted; each is compared with the one that comes.
// Stall example, Elements = 3, K = 2, m_ready_i = 0: the ranks of two steps wait, the first two elements of the third step
// are taken, its last one waits with s_ready_o = 0.
module finngl_top_k #(
    parameter int ElemBits   = 8,  // bits of an element, >= 1
    parameter int Signed     = 1,  // elements are two's complement
    parameter int Elements   = 2,  // elements of a step, >= 1
    parameter int K          = 1,  // of which so many are given, 1 to Elements
    parameter int OutBits    = 1,  // bits of what is given, >= 1: holds Elements - 1, or the elements
    parameter int Positions  = 1,  // positions are given, not elements
    parameter int SelectLast = 0,  // the last one of equal elements is before the others
    parameter int UserBits   = 1   // >= 1
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic [ElemBits-1:0] s_data_i,
    input  logic [UserBits-1:0] s_user_i,
    input  logic                s_last_i,
    input  logic                s_err_i,
    input  logic                s_valid_i,
    output logic                s_ready_o,
    output logic [OutBits-1:0]  m_data_o,
    output logic [UserBits-1:0] m_user_o,
    output logic                m_last_o,
    output logic                m_err_o,
    output logic                m_valid_o,
    input  logic                m_ready_i
);
  localparam int AtBits     = (Elements > 1) ? $clog2(Elements) : 1;
  localparam int RankBits   = (K > 1) ? $clog2(K) : 1;
  localparam int ElemsBits  = K * ElemBits;
  localparam int WheresBits = K * AtBits;

  initial begin
    if (ElemBits < 1 || Elements < 1 || K < 1 || K > Elements || OutBits < 1 || UserBits < 1 ||
        (Positions != 0 && $clog2(Elements) > OutBits))
      $fatal(1, "finngl_top_k: parameter out of range");
  end

  logic [AtBits-1:0]   at_q;  // of the element that comes
  logic                step_end, take, broken, flush_q, push, room;
  logic [UserBits-1:0] user_q;

  assign step_end  = at_q == AtBits'(Elements - 1);
  assign broken    = s_err_i || (s_last_i && !step_end);
  assign s_ready_o = !flush_q && (!step_end || room);
  assign take      = s_valid_i && s_ready_o;
  assign push      = (take && step_end && !broken) || (flush_q && room);

  // Rank r keeps its entry, or takes the one above, or the one that comes.
  logic [K-1:0]          filled_q, ahead;  // ahead[r]: what comes is before rank r
  logic [ElemsBits-1:0]  elem_q, elem_d;
  logic [WheresBits-1:0] where_q, where_d;
  logic [K*OutBits-1:0]  ranks, given;

  // Of what is above rank r; above rank 0 is what comes.
  logic [K-1:0]          ahead_above;
  logic [ElemsBits-1:0]  elem_above;
  logic [WheresBits-1:0] where_above;

  assign ahead_above = K'({ahead, 1'b0});
  assign elem_above  = ElemsBits'({elem_q, s_data_i});
  assign where_above = WheresBits'({where_q, at_q});

  for (genvar r = 0; r < K; r++) begin : gen_rank
    logic [ElemBits-1:0] elem;
    logic [AtBits-1:0]   where;
    logic                greater;
    assign elem      = elem_q[r*ElemBits+:ElemBits];
    assign where     = where_q[r*AtBits+:AtBits];
    assign greater   = (Signed != 0) ? $signed(s_data_i) > $signed(elem) : s_data_i > elem;
    assign ahead[r] = !filled_q[r] || greater || (SelectLast != 0 && s_data_i == elem);
    assign elem_d[r*ElemBits+:ElemBits] =
        !ahead[r] ? elem : ahead_above[r] ? elem_above[r*ElemBits+:ElemBits] : s_data_i;
    assign where_d[r*AtBits+:AtBits] = !ahead[r] ? where : ahead_above[r] ? where_above[r*AtBits+:AtBits] : at_q;
    if (Positions != 0) begin : gen_position
      assign ranks[r*OutBits+:OutBits] = OutBits'(where_d[r*AtBits+:AtBits]);
    end else if (Signed != 0) begin : gen_signed
      assign ranks[r*OutBits+:OutBits] = OutBits'($signed(elem_d[r*ElemBits+:ElemBits]));
    end else begin : gen_unsigned
      assign ranks[r*OutBits+:OutBits] = OutBits'(elem_d[r*ElemBits+:ElemBits]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      at_q     <= '0;
      filled_q <= '0;
      flush_q  <= 1'b0;
    end else begin
      flush_q <= (take && broken) || (flush_q && !room);
      if (take) at_q <= (broken || step_end) ? '0 : at_q + AtBits'(1);
      if (take) filled_q <= (broken || step_end) ? '0 : K'({filled_q, 1'b1});
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) elem_q <= elem_d;
    if (take) where_q <= where_d;
    if (take) user_q <= s_user_i;
  end

  logic [RankBits-1:0] rank_q;  // that is offered
  logic                rank_end, last;

  finngl_fifo #(
      .Width(K * OutBits + UserBits + 2),
      .Depth(2)
  ) i_fifo (
      .clk_i,
      .rst_ni,
      .in_data_i  ({flush_q, flush_q || s_last_i, flush_q ? user_q : s_user_i, ranks}),
      .in_valid_i (push),
      .in_ready_o (room),
      .out_data_o ({m_err_o, last, m_user_o, given}),
      .out_valid_o(m_valid_o),
      .out_ready_i(m_ready_i && rank_end)
  );

  assign rank_end = m_err_o || rank_q == RankBits'(K - 1);
  assign m_last_o = last && rank_end;
  assign m_data_o = given[32'(rank_q)*OutBits+:OutBits];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) rank_q <= '0;
    else if (m_valid_o && m_ready_i) rank_q <= rank_end ? '0 : rank_q + RankBits'(1);
  end
endmodule
