// Input of a region: collects the beats of a ready/valid stream into step slots that the region reads at fixed offsets.
//
//   last beat of a step taken in cycle n -> full_o and meta_o from n + 1; a launch and a first read may happen in n + 1.
//   launch_i in cycle n: full_o and meta_o speak of the next step from n + 1. Meta is to be captured in cycle n.
//   read latency 1 (finngl_vector_mem). a_next_i / b_next_i in cycle n: reads of n + 1 use the next step's slot.
//   release_i in cycle n: the slot can be written from n + 1 (reads issued in n still see the old data).
//   II: Slots >= 2 take a beat every cycle as long as a slot is free. s_ready_o is a register.
// Meta, bit 0 first: restart (sampled on the packet's first beat, given with all its steps), first (first step since
// reset or a packet's end), last, err, then the user bits of the step's first beat. Contexts > 1: the lowest user bits are
// the step's context; packets of different contexts interleave at step borders, and restart and first are the context's.
// After reset s_ready_o is low until the contexts' flags are cleared, Contexts cycles.
// Stepwise = 1: each step says by its own restart bit whether it is its packet's first (first = restart), as finngl_slide
// gives them; no flags are kept, and s_ready_o is high in the second cycle after reset.
// Errors: s_last_i before the step's last beat is a frame error: the partial step is dropped, an error step (err = 1,
// last = 1, data undefined) takes its slot and frame_error_o pulses one cycle later. A beat with s_err_i (from a
// region or a converter upstream, which has reported it) does the same without the pulse. The next beat starts a packet.
// Stall example, Slots = 2: steps 0 and 1 complete, s_ready_o = 0 from the next cycle on; release_i in cycle n gives
// s_ready_o = 1 in n + 1.
module finngl_vector_buffer #(
    parameter int N        = 8,  // elements of a step as it is read
    parameter int Given    = N,  // of these come in, 1 to N; those behind them are undefined
    parameter int BW       = 8,  // bits of an element
    parameter int WL       = 1,  // elements of a beat; Beats = Given / WL
    parameter int RA       = 1,  // lanes of read port A, 0 = none
    parameter int RB       = 0,  // lanes of read port B, 0 = none
    parameter int Slots    = 2,  // steps held, >= 1; lane rules of finngl_vector_mem
    parameter int UserBits = 0,  // user bits of a step with the context's, >= 0
    parameter int Contexts = 1,  // >= 1; $clog2(Contexts) <= UserBits
    parameter bit Stepwise = 0,  // 1: a step with restart 1 is its packet's first, others continue theirs
    localparam int LanesA    = (RA > 0) ? RA : N,
    localparam int LanesB    = (RB > 0) ? RB : N,
    localparam int AAddrBits = (N / LanesA > 1) ? $clog2(N / LanesA) : 1,
    localparam int BAddrBits = (N / LanesB > 1) ? $clog2(N / LanesB) : 1,
    localparam int AWidth    = (RA > 0) ? RA * BW : 1,
    localparam int BWidth    = (RB > 0) ? RB * BW : 1
) (
    input  logic                 clk_i,
    input  logic                 rst_ni,
    input  logic [WL*BW-1:0]     s_data_i,
    input  logic [UserBits:0]    s_user_i,   // {user bits, restart}
    input  logic                 s_last_i,
    input  logic                 s_err_i,
    input  logic                 s_valid_i,
    output logic                 s_ready_o,
    output logic                 frame_error_o,
    output logic                 full_o,     // a complete step that is not launched
    output logic [UserBits+3:0]  meta_o,     // {user, err, last, first, restart} of that step
    input  logic                 launch_i,   // only while full_o
    input  logic [AAddrBits-1:0] a_addr_i,
    input  logic                 a_next_i,
    output logic [AWidth-1:0]    a_data_o,
    input  logic [BAddrBits-1:0] b_addr_i,
    input  logic                 b_next_i,
    output logic [BWidth-1:0]    b_data_o,
    input  logic                 release_i   // frees the oldest slot, which must be launched
);
  localparam int Beats     = Given / WL;
  localparam int BeatBits  = (Beats > 1) ? $clog2(Beats) : 1;
  localparam int WAddrBits = (N / WL > 1) ? $clog2(N / WL) : 1;
  localparam int SlotBits  = (Slots > 1) ? $clog2(Slots) : 1;
  localparam int CountBits = $clog2(Slots + 1);
  localparam int CtxBits   = (Contexts > 1) ? $clog2(Contexts) : 1;

  initial begin
    if (Contexts < 1 || (Contexts > 1 && CtxBits > UserBits)) $fatal(1, "finngl_vector_buffer: Contexts out of range");
    if (Slots < 1 || UserBits < 0 || N % WL != 0 || Given < 1 || Given > N || Given % WL != 0) $fatal(1, "finngl_vector_buffer: parameter out of range");
  end

  logic                 take, commit, step_end, step_begin;
  logic                 commit_last, commit_err;
  logic [BeatBits-1:0]  beat_q;
  logic                 first, restart, cleared;
  logic [UserBits:0]    user_q, user;
  logic [SlotBits-1:0]  wr_slot_q, launch_slot_q, a_slot_q, b_slot_q;
  logic [CountBits-1:0] used_q, used_d, full_count_q, full_count_d;
  logic                 ready_q, full_q, frame_error_q;
  logic [UserBits+3:0]  meta_q[Slots];
  logic [UserBits+3:0]  meta_d;

  assign take        = s_valid_i && ready_q;
  assign step_begin  = beat_q == '0;
  assign step_end    = beat_q == BeatBits'(Beats - 1);
  assign commit      = take && (step_end || s_last_i || s_err_i);
  assign commit_err  = s_err_i || (s_last_i && !step_end);
  assign commit_last = s_last_i || s_err_i;
  assign user        = step_begin ? s_user_i : user_q;
  assign meta_d[3:0] = {commit_err, commit_last, first, restart};
  if (UserBits > 0) begin : gen_user
    assign meta_d[UserBits+3:4] = user[UserBits:1];
  end

  if (Stepwise) begin : gen_stepwise
    assign first   = user[0];
    assign restart = user[0];
    assign cleared = 1'b1;
  end else begin : gen_packets
    logic [CtxBits-1:0] ctx;
    logic               open, open_restart;
    assign first   = !open;
    assign restart = first ? user[0] : open_restart;
    if (Contexts > 1) begin : gen_ctx
      assign ctx = user[CtxBits:1];
    end else begin : gen_one_ctx
      assign ctx = '0;
    end
    // Of each context: is a packet under way, and its restart bit.
    finngl_flags #(
        .Contexts(Contexts),
        .Width   (2)
    ) i_packets (
        .clk_i,
        .rst_ni,
        .ctx_i  (ctx),
        .flags_o({open, open_restart}),
        .write_i(commit),
        .flags_i({!commit_last, restart}),
        .ready_o(cleared)
    );
  end

  assign used_d       = used_q + CountBits'(commit) - CountBits'(release_i);
  assign full_count_d = full_count_q + CountBits'(commit) - CountBits'(launch_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q        <= '0;
      wr_slot_q     <= '0;
      launch_slot_q <= '0;
      a_slot_q      <= '0;
      b_slot_q      <= '0;
      used_q        <= '0;
      full_count_q  <= '0;
      ready_q       <= 1'b0;
      full_q        <= 1'b0;
      frame_error_q <= 1'b0;
    end else begin
      if (take) beat_q <= commit ? '0 : beat_q + BeatBits'(1);
      if (commit) begin
        wr_slot_q <= (wr_slot_q == SlotBits'(Slots - 1)) ? '0 : wr_slot_q + SlotBits'(1);
      end
      if (launch_i) launch_slot_q <= (launch_slot_q == SlotBits'(Slots - 1)) ? '0 : launch_slot_q + SlotBits'(1);
      if (a_next_i) a_slot_q <= (a_slot_q == SlotBits'(Slots - 1)) ? '0 : a_slot_q + SlotBits'(1);
      if (b_next_i) b_slot_q <= (b_slot_q == SlotBits'(Slots - 1)) ? '0 : b_slot_q + SlotBits'(1);
      used_q        <= used_d;
      full_count_q  <= full_count_d;
      ready_q       <= used_d != CountBits'(Slots) && cleared;
      full_q        <= full_count_d != '0;
      frame_error_q <= take && s_last_i && !step_end && !s_err_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) user_q <= user;
    if (commit) meta_q[wr_slot_q] <= meta_d;
  end

  finngl_vector_mem #(
      .N    (N),
      .BW   (BW),
      .WL   (WL),
      .RA   (RA),
      .RB   (RB),
      .Slots(Slots)
  ) i_mem (
      .clk_i,
      .wr_en_i  (take),
      .wr_addr_i(WAddrBits'(beat_q)),
      .wr_slot_i(wr_slot_q),
      .wr_data_i(s_data_i),
      .a_addr_i,
      .a_slot_i (a_slot_q),
      .a_data_o,
      .b_addr_i,
      .b_slot_i (b_slot_q),
      .b_data_o
  );

  assign s_ready_o     = ready_q;
  assign full_o        = full_q;
  assign meta_o        = meta_q[launch_slot_q];
  assign frame_error_o = frame_error_q;

`ifdef FINNGL_ASSERT
  a_launch_full :
  assert property (@(posedge clk_i) disable iff (!rst_ni) launch_i |-> full_q);
  a_release_launched :
  assert property (@(posedge clk_i) disable iff (!rst_ni) release_i |-> used_q > full_count_q);
  a_meta_stable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) full_q && !launch_i |=> full_q && $stable(meta_o));
`endif
endmodule
