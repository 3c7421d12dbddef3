// Gives the steps of each packet in reverse order; the beats of a step keep theirs.
//
//   two packets are held: one is given while the next is taken. One beat a cycle on both sides.
//   last beat of a packet taken in cycle n -> first beat out in cycle n + 2. s_ready_o, m_valid_o are registers.
// Sideband: user bits go with their beat; the restart bit (user bit 0) must be 1 on a packet's first beat, since a
// reversed sequence cannot be continued, and is given with every beat.
// Errors: a packet with an error leaves as one beat with m_last_o and m_err_o, data undefined:
//   an input beat with s_err_i (it has last; whoever made it has reported it); s_last_i inside a step or restart 0
//   (frame_error_o pulses); more than Steps steps (overrun_o pulses, the rest is taken and dropped).
// Stall example: two packets held, s_ready_o = 0; the last beat of the first leaves the memory in cycle n: s_ready_o = 1
// in n + 1.
module finngl_reverser #(
    parameter int W        = 8,   // bits of a beat
    parameter int Beats    = 1,   // beats of a step, >= 1
    parameter int Steps    = 16,  // most steps of a packet, >= 1
    parameter int UserBits = 1    // user bits with the restart bit, >= 1
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
    output logic                overrun_o,
    output logic [W-1:0]        m_data_o,
    output logic [UserBits-1:0] m_user_o,
    output logic                m_last_o,
    output logic                m_err_o,
    output logic                m_valid_o,
    input  logic                m_ready_i
);
  localparam int Words    = Steps * Beats;
  localparam int AddrBits = (2 * Words > 1) ? $clog2(2 * Words) : 1;
  localparam int BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam int UserMem  = (UserBits > 1) ? UserBits - 1 : 1;

  initial begin
    if (W < 1 || Beats < 1 || Steps < 1 || UserBits < 1) $fatal(1, "finngl_reverser: parameter out of range");
  end

  // Written: beat w_beat_q of the step whose first word is at w_base_q. w_full_q: no further step fits.
  logic                take, w_first_q, w_drop_q, w_slot_q, step_end, bad_frame, commit, commit_err;
  logic                no_restart, w_full_q;
  logic [AddrBits-1:0] w_first;
  logic [BeatBits-1:0] w_beat_q;
  logic [AddrBits-1:0] w_base_q, w_addr;
  // Given: beat r_beat_q of the step whose first word is at r_base, down to the slot's first step.
  logic                r_slot_q, read, read_end, r_final;
  logic [BeatBits-1:0] r_beat_q;
  logic [AddrBits-1:0] r_base, r_base_q, r_addr, r_first;
  logic [1:0]          held_q, held_d;
  logic                ready_q, valid_q, last_q, err_q, frame_error_q, overrun_q, r_busy_q;
  logic [AddrBits-1:0] base_q[2];  // first word of each held packet's last step
  logic [1:0]          failed_q;

  assign take       = s_valid_i && ready_q;
  assign w_first    = w_slot_q ? AddrBits'(Words) : '0;
  assign step_end   = w_beat_q == BeatBits'(Beats - 1);
  assign no_restart = w_first_q && !s_user_i[0];
  assign bad_frame  = (s_last_i && !step_end && !s_err_i) || no_restart;
  assign commit     = take && (s_last_i || s_err_i);
  assign commit_err = w_drop_q || s_err_i || bad_frame || w_full_q;
  assign w_addr     = w_base_q + AddrBits'(w_beat_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      w_first_q <= 1'b1;
      w_drop_q  <= 1'b0;
      w_full_q  <= 1'b0;
      w_slot_q  <= 1'b0;
      w_beat_q  <= '0;
      w_base_q  <= '0;
    end else if (take) begin
      w_first_q <= commit;
      w_drop_q  <= !commit && (w_drop_q || bad_frame || w_full_q);
      w_beat_q  <= (commit || step_end) ? '0 : w_beat_q + BeatBits'(1);
      if (commit) begin
        w_slot_q <= !w_slot_q;
        w_base_q <= w_slot_q ? '0 : AddrBits'(Words);
        w_full_q <= 1'b0;
      end else if (step_end) begin
        if (w_base_q == w_first + AddrBits'(Words - Beats)) w_full_q <= 1'b1;
        else w_base_q <= w_base_q + AddrBits'(Beats);
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (commit) begin
      base_q[w_slot_q]   <= w_base_q;
      failed_q[w_slot_q] <= commit_err;
    end
  end

  // A packet begins with its last step; from then on (r_busy_q) r_base_q leads.
  assign r_base   = r_busy_q ? r_base_q : base_q[r_slot_q];
  assign r_first  = r_slot_q ? AddrBits'(Words) : '0;
  assign r_addr   = r_base + AddrBits'(r_beat_q);
  assign read     = held_q != 2'd0 && (!valid_q || m_ready_i);
  assign r_final  = r_beat_q == BeatBits'(Beats - 1);
  assign read_end = failed_q[r_slot_q] || (r_final && r_base == r_first);
  assign held_d   = held_q + 2'(commit) - 2'(read && read_end);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      held_q        <= '0;
      ready_q       <= 1'b0;
      valid_q       <= 1'b0;
      r_slot_q      <= 1'b0;
      r_busy_q      <= 1'b0;
      r_beat_q      <= '0;
      frame_error_q <= 1'b0;
      overrun_q     <= 1'b0;
    end else begin
      held_q        <= held_d;
      ready_q       <= held_d != 2'd2;
      frame_error_q <= take && !w_drop_q && bad_frame && !w_full_q;
      overrun_q     <= take && !w_drop_q && w_full_q;
      if (read) valid_q <= 1'b1;
      else if (m_ready_i) valid_q <= 1'b0;
      if (read) begin
        r_slot_q <= r_slot_q ^ read_end;
        r_busy_q <= !read_end;
        r_beat_q <= (read_end || r_final) ? '0 : r_beat_q + BeatBits'(1);
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (read) begin
      r_base_q <= r_base - (r_final ? AddrBits'(Beats) : '0);
      last_q   <= read_end;
      err_q    <= failed_q[r_slot_q];
    end
  end

  logic [W+UserMem-1:0] mem_q[2*Words];
  logic [W+UserMem-1:0] word_q;
  logic [UserMem-1:0]   user;
  always_ff @(posedge clk_i) begin
    if (take && !w_full_q) mem_q[w_addr] <= {user, s_data_i};
    if (read) word_q <= mem_q[r_addr];
  end
  if (UserBits > 1) begin : gen_user
    assign user     = s_user_i[UserBits-1:1];
    assign m_user_o = {word_q[W+:UserMem], 1'b1};
  end else begin : gen_no_user
    logic unused;
    assign unused   = word_q[W];
    assign user     = 1'b0;
    assign m_user_o = 1'b1;
  end

  assign s_ready_o     = ready_q;
  assign frame_error_o = frame_error_q;
  assign overrun_o     = overrun_q;
  assign m_data_o      = word_q[W-1:0];
  assign m_last_o      = last_q;
  assign m_err_o       = err_q;
  assign m_valid_o     = valid_q;
endmodule
