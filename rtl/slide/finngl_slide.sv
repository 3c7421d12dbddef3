// Gives the rows of each sample of an endless stream to the windows that it is in; each window is a context.
//
//   A group is what one sample makes, Rows rows of Beats beats. For each group e = 0..Steps-1 in order: if Ages[e] has been
//   reached, row Sources[e] leaves as one step of context (newest - Ages[e]) mod Contexts; the table is ordered by
//   descending age. newest counts the groups since a restart, age does so up to MaxAge: both are 0 for the first group
//   after reset, after an error, and of a packet whose first beat has restart 1.
//   A group is stored whole in one of two slots, so the next one comes in meanwhile.
//   latency: last beat of a group taken in cycle n -> its first step's first beat is offered in n + 2. One beat a cycle on
//   both sides, no bubbles between steps or groups; an entry whose age is not reached costs a cycle. s_ready_o, m_valid_o
//   are functions of registers.
// Sideband: user bits are {others, context, restart}; restart is meant on a packet's first beat only, the context is not
// read. A step has the other bits of its group's first beat, its context, First[e] as restart, and m_last_o on its last
// beat iff Last[e]. s_last_i ends an input packet and may come with a group's last beat only.
// Errors: a group with s_err_i, or with s_last_i inside of it (frame_error_o pulses, but for s_err_i) is not stored: one
// beat with m_last_o, m_err_o, context 0, restart 0 and undefined data leaves in its turn, and the next beat is the first
// of a group after an error.
// Stall example: two groups held, s_ready_o = 0; the last beat of the first one's last step leaves the memory in cycle n:
// s_ready_o = 1 in n + 1.
module finngl_slide #(
    parameter int W        = 8,  // bits of a beat, >= 1
    parameter int Beats    = 1,  // beats of a row, >= 1
    parameter int Rows     = 1,  // rows of a group, >= 1
    parameter int Steps    = 1,  // entries of the table, >= 1
    parameter int Contexts = 1,  // >= 1
    parameter int MaxAge   = 0,  // >= 0
    parameter int UserBits = 1,  // user bits with the context's and the restart bit
    parameter bit [Steps*32-1:0] Ages    = '0,  // entry 0 lowest, each 0 to MaxAge
    parameter bit [Steps*32-1:0] Sources = '0,  // each 0 to Rows - 1
    parameter bit [Steps-1:0]    First   = '1,  // the step is its context's first of a window
    parameter bit [Steps-1:0]    Last    = '1   // ... and its last
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic [W-1:0]        s_data_i,
    input  logic [UserBits-1:0] s_user_i,
    input  logic                s_last_i,
    input  logic                s_err_i,
    input  logic                s_valid_i,
    output logic                s_ready_o,
    output logic                frame_error_o,
    output logic [W-1:0]        m_data_o,
    output logic [UserBits-1:0] m_user_o,
    output logic                m_last_o,
    output logic                m_err_o,
    output logic                m_valid_o,
    input  logic                m_ready_i
);
  localparam int CtxBits    = $clog2(Contexts);  // of the user bits
  localparam int NumBits    = (Contexts > 1) ? CtxBits : 1;
  localparam int Others     = UserBits - 1 - CtxBits;
  localparam int GroupWords = Rows * Beats;
  localparam int AddrBits   = $clog2(2 * GroupWords);
  localparam int BeatBits   = $clog2(Beats + 1);
  localparam int EntryBits  = $clog2(Steps + 1);
  localparam int AgeBits    = (MaxAge > 0) ? $clog2(MaxAge + 1) : 1;

  initial begin
    if (W < 1 || Beats < 1 || Rows < 1 || Steps < 1 || Contexts < 1 || MaxAge < 0 || Others < 0)
      $fatal(1, "finngl_slide: parameter out of range");
  end

  // Written next: word w_at_q of slot w_slot_q. open_q: an input packet is under way. fresh_q: age and number start anew.
  logic [AddrBits-1:0]  w_at_q, w_addr;
  logic                 w_slot_q, open_q, fresh_q, frame_error_q;
  logic                 take, w_first, w_end, bad, commit, anew;
  // Of each slot: its group's age and number; failed: it ended in an error.
  logic [AgeBits-1:0]   age_q[2];
  logic [NumBits-1:0]   number_q[2];
  logic [1:0]           failed_q;
  logic [AgeBits-1:0]   last_age;
  logic [NumBits-1:0]   last_number;
  // Read next: beat beat_q of the row at row_addr_q in slot r_slot_q, for the table's entry_q.
  logic [EntryBits-1:0] entry_q, entry_d;
  logic [BeatBits-1:0]  beat_q;
  logic [AddrBits-1:0]  row_addr_q;
  logic                 r_slot_q, r_slot_d, first_q, last_step_q;
  logic [AgeBits-1:0]   entry_age_q;
  logic [NumBits-1:0]   back_q, context_d, context_q;
  logic                 failed, reached, read, step_end, leave, done;
  logic [1:0]           held_q;
  logic                 valid_q, m_first_q, m_last_q, m_err_q;
  logic [W-1:0]         word_q;
  logic [W-1:0]         mem_q[2*GroupWords];

  // Of each entry: its age, that age as a distance of contexts, its row's words from the slot's first.
  logic [Steps*AgeBits-1:0]  ages;
  logic [Steps*NumBits-1:0]  backs;
  logic [Steps*AddrBits-1:0] offsets;
  for (genvar e = 0; e < Steps; e++) begin : gen_entry
    localparam int Age    = Ages[e*32+:32];
    localparam int Source = Sources[e*32+:32];
    initial
      if (Age < 0 || Age > MaxAge || Source < 0 || Source >= Rows) $fatal(1, "finngl_slide: entry of a table out of range");
    assign ages[e*AgeBits+:AgeBits]      = AgeBits'(Age);
    assign backs[e*NumBits+:NumBits]     = NumBits'(Age % Contexts);
    assign offsets[e*AddrBits+:AddrBits] = AddrBits'(Source * Beats);
  end

  assign s_ready_o   = held_q != 2'd2;
  assign take        = s_valid_i && s_ready_o;
  assign w_first     = w_at_q == '0;
  assign w_end       = w_at_q == AddrBits'(GroupWords - 1);
  assign bad         = s_err_i || (s_last_i && !w_end);
  assign commit      = take && (w_end || bad);
  assign w_addr      = w_at_q + (w_slot_q ? AddrBits'(GroupWords) : '0);
  assign anew        = fresh_q || (!open_q && s_user_i[0]);
  assign last_age    = age_q[!w_slot_q];  // the group before was in the other slot
  assign last_number = number_q[!w_slot_q];

  always_ff @(posedge clk_i) begin
    frame_error_q <= rst_ni && take && bad && !s_err_i;
    if (!rst_ni) begin
      w_at_q   <= '0;
      w_slot_q <= 1'b0;
      open_q   <= 1'b0;
      fresh_q  <= 1'b1;
    end else if (take) begin
      w_at_q   <= commit ? '0 : w_at_q + AddrBits'(1);
      w_slot_q <= w_slot_q ^ commit;
      open_q   <= !s_last_i && !s_err_i;
      if (commit) fresh_q <= bad;
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) mem_q[w_addr] <= s_data_i;
    if (take && w_first) begin
      age_q[w_slot_q]    <= anew ? '0 : (last_age == AgeBits'(MaxAge)) ? last_age : last_age + AgeBits'(1);
      number_q[w_slot_q] <= (anew || last_number == NumBits'(Contexts - 1)) ? '0 : last_number + NumBits'(1);
    end
    if (commit) failed_q[w_slot_q] <= bad;
  end

  assign failed   = failed_q[r_slot_q];
  assign reached  = failed || entry_age_q <= age_q[r_slot_q];
  assign read     = held_q != 2'd0 && reached && (!valid_q || m_ready_i);
  assign step_end = failed || beat_q == BeatBits'(Beats - 1);
  assign leave    = (held_q != 2'd0 && !reached) || (read && step_end);
  assign done     = leave && (failed || entry_q == EntryBits'(Steps - 1));
  assign r_slot_d = rst_ni && (r_slot_q ^ done);

  always_comb begin
    entry_d = entry_q;
    if (!rst_ni || done) entry_d = '0;
    else if (leave) entry_d = entry_q + EntryBits'(1);
  end
  always_ff @(posedge clk_i) begin
    r_slot_q    <= r_slot_d;
    entry_q     <= entry_d;
    entry_age_q <= ages[32'(entry_d)*AgeBits+:AgeBits];
    back_q      <= backs[32'(entry_d)*NumBits+:NumBits];
    row_addr_q  <= offsets[32'(entry_d)*AddrBits+:AddrBits] + (r_slot_d ? AddrBits'(GroupWords) : '0);
    first_q     <= First[32'(entry_d)+:1];
    last_step_q <= Last[32'(entry_d)+:1];
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      held_q  <= '0;
      beat_q  <= '0;
      valid_q <= 1'b0;
    end else begin
      held_q <= held_q + 2'(commit) - 2'(done);
      if (read) beat_q <= step_end ? '0 : beat_q + BeatBits'(1);
      if (read) valid_q <= 1'b1;
      else if (m_ready_i) valid_q <= 1'b0;
    end
  end

  // (number - back) mod Contexts
  assign context_d = number_q[r_slot_q] - back_q + ((number_q[r_slot_q] < back_q) ? NumBits'(Contexts) : '0);
  always_ff @(posedge clk_i) begin
    if (read) begin
      word_q    <= mem_q[row_addr_q+AddrBits'(beat_q)];
      context_q <= failed ? '0 : context_d;
      m_first_q <= !failed && first_q;
      m_last_q  <= failed || (last_step_q && step_end);
      m_err_q   <= failed;
    end
  end

  if (Contexts > 1) begin : gen_context
    logic unused;
    assign unused              = ^s_user_i[CtxBits:1];
    assign m_user_o[CtxBits:1] = context_q;
  end else begin : gen_one_context
    logic unused;
    assign unused = ^context_q;
  end
  if (Others > 0) begin : gen_others
    logic [Others-1:0] others_q[2], m_others_q;
    always_ff @(posedge clk_i) begin
      if (take && w_first) others_q[w_slot_q] <= s_user_i[UserBits-1:CtxBits+1];
      if (read) m_others_q <= others_q[r_slot_q];
    end
    assign m_user_o[UserBits-1:CtxBits+1] = m_others_q;
  end
  assign m_user_o[0]   = m_first_q;
  assign m_data_o      = word_q;
  assign m_last_o      = m_last_q;
  assign m_err_o       = m_err_q;
  assign m_valid_o     = valid_q;
  assign frame_error_o = frame_error_q;

`ifdef FINNGL_ASSERT
  a_stable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_valid_o && !m_ready_i |=>
                   m_valid_o && $stable({m_data_o, m_user_o, m_err_o, m_last_o}));
`endif
endmodule
