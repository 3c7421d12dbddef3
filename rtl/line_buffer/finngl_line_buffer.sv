// Windows over an endless stream of row groups: finn.im2col whose image never ends downwards.
//
//   A group is what one sample makes, InRows rows of Width positions of Beats beats, row-major. Each group gives one group
//   of OutRows rows of windows, each window's taps in row-major order, the beats of each position together:
//   out[v, ox, kh, kw] = in[row(v, kh), ox * StrideW - PadLeft + kw * DilationW], Pad where that is outside.
//   row(v, kh) = entry v * KernelH + kh of Taps, the rows back from the newest group's last row: b < InRows is row
//   InRows - 1 - b of the newest group, others are of older groups, (Lag + 1) * InRows is padding. Rows before the first
//   group are whatever the memory has.
//   A ring holds Lag + 2 groups: the next one is written while Lag + 1 are read. With BeatTaps > 1 so many rows of a window
//   are in a beat, the upper one in the low bits: a memory for each row of the ring.
//   latency: the beat that a tap waits for taken in cycle n -> the tap is offered in n + 2. One beat a cycle on both
//   sides, padding costs no input beats. s_ready_o, m_valid_o do not depend on the other side's handshake.
// Sideband: the first beat of a group gives the user bits of all its windows, none has a meaning here. s_last_i may come
// with a group's last beat only, and m_last_o then goes with the last beat of its windows, which waits for the group's end.
// Errors: a group with s_err_i, or with s_last_i inside of it (frame_error_o pulses, but for s_err_i) is closed by one beat
// with m_last_o and m_err_o, data undefined, and leaves no rows: the next beat begins a group in its place.
// Stall example: m_ready_i = 0; the next group is taken whole, then s_ready_o = 0 until the last beat of the windows in
// work has left the memory in cycle n: s_ready_o = 1 in n + 1.
module finngl_line_buffer #(
    parameter int ElemBits  = 8,  // bits of an element of a window, >= 1
    parameter int InBits    = ElemBits,  // of an element of a row, <= ElemBits: wider ones hold Pad
    parameter int InSigned  = 1,  // the rows' elements are two's complement
    parameter int Lanes     = 1,  // elements of a beat of the rows, >= 1
    parameter int Beats     = 1,  // beats of a position, >= 1
    parameter int BeatTaps  = 1,  // of a beat of a window, divides KernelH; > 1 needs Beats = KernelW = 1
    parameter int Width     = 4,  // columns of a row, >= 1
    parameter int KernelW   = 1,  // taps along a row, >= 1
    parameter int StrideW   = 1,  // >= 1
    parameter int DilationW = 1,  // >= 1
    parameter int PadLeft   = 0,  // >= 0
    parameter int PadRight  = 0,
    parameter int Pad       = 0,  // element outside of the rows, two's complement
    parameter int UserBits  = 1,  // user bits, >= 1
    parameter int InRows    = 1,  // rows of a group, >= 1
    parameter int OutRows   = 1,  // rows of windows of a group, >= 1
    parameter int KernelH   = 3,  // taps down the rows, >= 1
    parameter int Lag       = 2,  // age of the oldest group that a tap reads, >= 0
    parameter bit [OutRows*KernelH*32-1:0] Taps = {32'd0, 32'd1, 32'd2}  // entry 0 lowest, each 0 to (Lag + 1) * InRows
) (
    input  logic                               clk_i,
    input  logic                               rst_ni,
    input  logic [Lanes*InBits-1:0]            s_data_i,
    input  logic [UserBits-1:0]                s_user_i,
    input  logic                               s_last_i,
    input  logic                               s_err_i,
    input  logic                               s_valid_i,
    output logic                               s_ready_o,
    output logic                               frame_error_o,
    output logic [BeatTaps*Lanes*ElemBits-1:0] m_data_o,
    output logic [UserBits-1:0]                m_user_o,
    output logic                               m_last_o,
    output logic                               m_err_o,
    output logic                               m_valid_o,
    input  logic                               m_ready_i
);
  localparam int Columns   = (KernelW - 1) * DilationW + 1;
  localparam int OutW      = (Width + PadLeft + PadRight - Columns) / StrideW + 1;
  localparam int RowWords  = Width * Beats;
  localparam int RingRows  = (Lag + 2) * InRows;
  // A row of the ring is so many words of one memory, or one of several memories.
  localparam int RowUnit   = (BeatTaps > 1) ? 1 : RowWords;
  localparam int Words     = RingRows * RowUnit;
  localparam int Rounds    = KernelH / BeatTaps;
  localparam int Entries   = OutRows * Rounds;  // of BeatTaps taps
  localparam int Outside   = (Lag + 1) * InRows;  // the entry that means padding
  localparam int AddrBits  = $clog2(Words) + 1;  // one more: sums before they wrap
  localparam int RowBits   = $clog2(InRows + 1);
  localparam int ColBits   = $clog2(Width + PadLeft + PadRight + Columns + StrideW) + 2;
  localparam int BeatBits  = $clog2(Beats + 1);
  localparam int KhBits    = $clog2(KernelH + 1);
  localparam int KwBits    = $clog2(KernelW + 1);
  localparam int OxBits    = $clog2(OutW + 1);
  localparam int EntryBits = $clog2(Entries + 1);
  localparam int OffBits   = (RowWords > 1) ? $clog2(RowWords) : 1;
  localparam int GroupStep = InRows * RowUnit;

  initial begin
    if (InBits < 1 || InBits > ElemBits || Lanes < 1 || Beats < 1 || Width < 1 || KernelW < 1 || StrideW < 1 || DilationW < 1 ||
        PadLeft < 0 || PadRight < 0 || UserBits < 1 || InRows < 1 || OutRows < 1 || KernelH < 1 || Lag < 0)
      $fatal(1, "finngl_line_buffer: parameter out of range");
    if (BeatTaps < 1 || KernelH % BeatTaps != 0 || (BeatTaps > 1 && (Beats != 1 || KernelW != 1)))
      $fatal(1, "finngl_line_buffer: the kernel does not have so many taps side by side");
    if (Width + PadLeft + PadRight < Columns) $fatal(1, "finngl_line_buffer: the window does not fit the row");
  end

  // Written next: beat w_beat_q of position (w_row_q, w_col_q) of the group at w_base_q, at w_addr_q. ahead_q: how many
  // groups are complete that are not read to their end. abort_q: the group that is written has ended in an error.
  logic [RowBits-1:0]        w_row_q;
  logic signed [ColBits-1:0] w_col_q;
  logic [BeatBits-1:0]       w_beat_q;
  logic [AddrBits-1:0]       w_base_q, w_addr_q, w_next_base;
  logic                      w_slot_q, w_begun_q, abort_q, frame_error_q;
  logic [1:0]                ahead_q;
  logic                      take, col_end, row_end, w_final, bad, commit;
  // Read next: tap kw_q, beat beat_q of window ox_q in the row of the table's entry_q, which is the row's first one,
  // v_entry_q, plus kh_q; the group that is newest there is at base_q. fresh_q: the row of a tap is its row_q of that group.
  logic [EntryBits-1:0]      entry_q, entry_d, v_entry_q, v_entry_d;
  logic [OxBits-1:0]         ox_q;
  logic [KhBits-1:0]         kh_q;
  logic [KwBits-1:0]         kw_q;
  logic [BeatBits-1:0]       beat_q;
  logic signed [ColBits-1:0] col0_q, col_q;
  logic [AddrBits-1:0]       base_q, base_d;
  logic [OffBits-1:0]        w_offset, r_offset;
  logic                      r_slot_q;
  logic [BeatTaps*RowBits-1:0]      row_q;
  logic [BeatTaps*(AddrBits-1)-1:0] row_addr_q;
  logic [BeatTaps-1:0]       fresh_q, outside_q, in_image, here_tap;
  logic                      beat_end, kw_end, kh_end, ox_end, r_final, rewind;
  logic                      complete, in_width, in_columns, here, read, free, close;
  logic                      valid_q, last_q, err_q;
  logic [UserBits-1:0]       user_q[2];  // of the group that is read and of the one behind it
  logic [1:0]                last_group_q;
  logic [UserBits-1:0]       m_user_q;

  function automatic [AddrBits-1:0] wrapped(input [AddrBits-1:0] addr);
    wrapped = (addr >= AddrBits'(Words)) ? addr - AddrBits'(Words) : addr;
  endfunction

  // Of each entry: words from the newest group's first to its row's first, and where that row is in the group.
  logic [OutRows*KernelH*AddrBits-1:0] offsets;
  logic [OutRows*KernelH*RowBits-1:0]  rows;
  logic [OutRows*KernelH-1:0]          fresh, outside;
  for (genvar e = 0; e < OutRows * KernelH; e++) begin : gen_entry
    localparam int Back = Taps[e*32+:32];
    initial if (Back < 0 || Back > Outside) $fatal(1, "finngl_line_buffer: entry of Taps out of range");
    assign offsets[e*AddrBits+:AddrBits] = AddrBits'((InRows - 1 - Back + RingRows) % RingRows * RowUnit);
    assign rows[e*RowBits+:RowBits]      = (Back < InRows) ? RowBits'(InRows - 1 - Back) : '0;
    assign fresh[e]                      = Back < InRows;
    assign outside[e]                    = Back == Outside;
  end

  assign complete    = ahead_q != 2'd0;
  assign s_ready_o   = ahead_q != 2'd2 && !abort_q;
  assign take        = s_valid_i && s_ready_o;
  assign col_end     = w_beat_q == BeatBits'(Beats - 1);
  assign row_end     = col_end && w_col_q == ColBits'(Width - 1);
  assign w_final     = row_end && w_row_q == RowBits'(InRows - 1);
  assign bad         = s_err_i || (s_last_i && !w_final);
  assign commit      = take && w_final && !bad;
  assign w_next_base = wrapped(w_base_q + AddrBits'(GroupStep));

  always_ff @(posedge clk_i) begin
    frame_error_q <= rst_ni && take && bad && !s_err_i;
    if (!rst_ni) begin
      w_row_q   <= '0;
      w_col_q   <= '0;
      w_beat_q  <= '0;
      w_base_q  <= '0;
      w_addr_q  <= '0;
      w_slot_q  <= 1'b0;
      w_begun_q <= 1'b0;
      abort_q   <= 1'b0;
      ahead_q   <= '0;
    end else begin
      if (take) begin
        w_begun_q <= !w_final && !bad;
        w_beat_q  <= (col_end || bad) ? '0 : w_beat_q + BeatBits'(1);
        if (col_end || bad) w_col_q <= (row_end || bad) ? '0 : w_col_q + ColBits'(1);
        if (row_end || bad) w_row_q <= (w_final || bad) ? '0 : w_row_q + RowBits'(1);
        if (bad) w_addr_q <= w_base_q;
        else if (BeatTaps == 1 || row_end) w_addr_q <= wrapped(w_addr_q + AddrBits'(1));
        if (commit) w_base_q <= w_next_base;
        w_slot_q <= w_slot_q ^ commit;
      end
      abort_q <= (take && bad) || (abort_q && !close);
      ahead_q <= ahead_q + 2'(commit) - 2'(read && r_final);
    end
  end
  always_ff @(posedge clk_i) begin
    if (take && !w_begun_q) user_q[w_slot_q] <= s_user_i;
    if (commit) last_group_q[w_slot_q] <= s_last_i;
  end

  assign beat_end = beat_q == BeatBits'(Beats - 1);
  assign kw_end   = beat_end && kw_q == KwBits'(KernelW - 1);
  assign kh_end   = kw_end && kh_q == KhBits'(Rounds - 1);
  assign ox_end   = kh_end && ox_q == OxBits'(OutW - 1);
  assign r_final  = ox_end && entry_q == EntryBits'(Entries - 1);
  assign in_width = col_q >= 0 && col_q < ColBits'(Width);
  // Of the row that is being written.
  assign in_columns = col_q < w_col_q || (col_q == w_col_q && beat_q < w_beat_q);
  for (genvar t = 0; t < BeatTaps; t++) begin : gen_here
    logic [RowBits-1:0] row;
    assign row         = row_q[t*RowBits+:RowBits];
    assign in_image[t] = !outside_q[t] && in_width;
    assign here_tap[t] = !in_image[t] || !fresh_q[t] || complete || row < w_row_q || (row == w_row_q && in_columns);
  end
  assign here     = &here_tap;
  assign free     = !valid_q || m_ready_i;
  assign read     = free && here && (complete || (w_begun_q && !r_final));
  assign close    = abort_q && !complete && free;
  assign rewind   = close || (read && r_final);  // to the first window of a group

  always_comb begin
    base_d    = (read && r_final) ? wrapped(base_q + AddrBits'(GroupStep)) : base_q;
    v_entry_d = v_entry_q;
    entry_d   = entry_q;
    if (!rst_ni || rewind) begin
      v_entry_d = '0;
      entry_d   = '0;
    end else if (read && ox_end) begin  // down to the next row of windows
      v_entry_d = v_entry_q + EntryBits'(Rounds);
      entry_d   = v_entry_d;
    end else if (read && kh_end) begin  // the next window
      entry_d = v_entry_q;
    end else if (read && kw_end) begin  // the window's next row
      entry_d = entry_q + EntryBits'(1);
    end
    if (!rst_ni) base_d = '0;
  end
  always_ff @(posedge clk_i) begin
    base_q     <= base_d;
    v_entry_q  <= v_entry_d;
    entry_q    <= entry_d;
    row_q      <= rows[32'(entry_d)*BeatTaps*RowBits+:BeatTaps*RowBits];
    fresh_q    <= fresh[32'(entry_d)*BeatTaps+:BeatTaps];
    outside_q  <= outside[32'(entry_d)*BeatTaps+:BeatTaps];
  end
  for (genvar t = 0; t < BeatTaps; t++) begin : gen_addr
    logic [AddrBits-1:0] offset;
    assign offset = offsets[(32'(entry_d)*BeatTaps+t)*AddrBits+:AddrBits];
    always_ff @(posedge clk_i) row_addr_q[t*(AddrBits-1)+:AddrBits-1] <= (AddrBits - 1)'(wrapped(base_d + offset));
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || rewind) begin
      ox_q   <= '0;
      kh_q   <= '0;
      kw_q   <= '0;
      beat_q <= '0;
      col0_q <= -ColBits'(PadLeft);
      col_q  <= -ColBits'(PadLeft);
    end else if (read) begin
      beat_q <= beat_end ? '0 : beat_q + BeatBits'(1);
      if (beat_end) kw_q <= kw_end ? '0 : kw_q + KwBits'(1);
      if (kw_end) kh_q <= kh_end ? '0 : kh_q + KhBits'(1);
      if (kh_end) ox_q <= ox_end ? '0 : ox_q + OxBits'(1);
      if (ox_end) begin
        col0_q <= -ColBits'(PadLeft);
        col_q  <= -ColBits'(PadLeft);
      end else if (kh_end) begin
        col0_q <= col0_q + ColBits'(StrideW);
        col_q  <= col0_q + ColBits'(StrideW);
      end else if (kw_end) begin
        col_q <= col0_q;
      end else if (beat_end) begin
        col_q <= col_q + ColBits'(DilationW);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q  <= 1'b0;
      r_slot_q <= 1'b0;
    end else begin
      if (read || close) valid_q <= 1'b1;
      else if (m_ready_i) valid_q <= 1'b0;
      r_slot_q <= r_slot_q ^ (read && r_final);
    end
  end
  always_ff @(posedge clk_i) begin
    if (read || close) begin
      last_q   <= close || (r_final && last_group_q[r_slot_q]);
      err_q    <= close;
      m_user_q <= user_q[r_slot_q];
    end
  end

  assign w_offset = (BeatTaps > 1) ? OffBits'(w_col_q) : '0;
  assign r_offset = OffBits'(32'(col_q) * Beats) + OffBits'(beat_q);
  finngl_row_ring #(
      .ElemBits(ElemBits),
      .InBits  (InBits),
      .InSigned(InSigned),
      .Lanes   (Lanes),
      .Rows    (RingRows),
      .RowWords(RowWords),
      .Taps    (BeatTaps),
      .Pad     (Pad)
  ) i_ring (
      .clk_i,
      .write_i   (take),
      .w_row_i   (w_addr_q[AddrBits-2:0]),
      .w_offset_i(w_offset),
      .data_i    (s_data_i),
      .read_i    (read),
      .r_row_i   (row_addr_q),
      .r_offset_i(r_offset),
      .pad_i     (~in_image),
      .data_o    (m_data_o)
  );
  assign m_user_o      = m_user_q;
  assign m_last_o      = last_q;
  assign m_err_o       = err_q;
  assign m_valid_o     = valid_q;
  assign frame_error_o = frame_error_q;

`ifdef FINNGL_ASSERT
  a_stable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_valid_o && !m_ready_i |=>
                   m_valid_o && $stable({m_data_o, m_user_o, m_err_o, m_last_o}));
`endif
endmodule
