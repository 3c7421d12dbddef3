// Sliding windows of a streamed image without a last row: finngl_swg for a stream that goes on.
//
//   Rows of Width positions of Beats beats come in. Row j of windows is there with row j * StrideH + Reach - 1 - PadTop of
//   the stream, Reach = (KernelH - 1) * DilationH + 1 + Wait, counted from the restart:
//   out[j, ox, kh, kw] = in[j * StrideH - PadTop + kh * DilationH, ox * StrideW - PadLeft + kw * DilationW], Pad where that
//   is before the first row or beside the rows. Each row of windows is a packet of its own.
//   A ring holds the Reach rows that a window waits for; no row is held longer than it is read.
//   With BeatTaps > 1 so many rows of a window are in a beat, the upper one in the low bits: a memory for each row of the ring.
//   latency: the beat that a tap waits for taken in cycle n -> the tap is offered in n + 2. One beat a cycle on both
//   sides, padding costs no input beats. s_ready_o, m_valid_o do not depend on the other side's handshake.
// Sideband: packets are any number of whole rows. The restart bit (user bit 0) of a packet's first beat forgets the rows
// before, as reset does. The first beat of the row with which a row of windows is there gives its user bits; its restart
// bit is 1 for the first one since the restart, else 0.
// Errors: a row with s_err_i, or with s_last_i inside of it (frame_error_o pulses, but for s_err_i) gives one beat with
// m_last_o and m_err_o, data undefined; the next packet begins a stream.
// Stall example: m_ready_i = 0; rows are taken until a row of windows is there, then s_ready_o = 0 until its last beat has
// left the memory in cycle n: s_ready_o = 1 in n + 1.
module finngl_swg_stream #(
    parameter int ElemBits  = 8,  // bits of an element of a window, >= 1
    parameter int InBits    = ElemBits,  // of an element of the image, <= ElemBits: wider ones hold Pad
    parameter int InSigned  = 1,  // the image's elements are two's complement
    parameter int Lanes     = 1,  // elements of a beat of the image, >= 1
    parameter int Beats     = 1,  // beats of a position, >= 1
    parameter int BeatTaps  = 1,  // of a beat of a window, divides KernelH; > 1 needs Beats = KernelW = 1
    parameter int Width     = 4,  // columns of the image, >= 1
    parameter int KernelH   = 3,  // taps, >= 1
    parameter int KernelW   = 1,
    parameter int StrideH   = 1,  // >= 1
    parameter int StrideW   = 1,
    parameter int DilationH = 1,  // >= 1
    parameter int DilationW = 1,
    parameter int PadTop    = 1,  // >= 0, < Reach
    parameter int PadLeft   = 0,  // >= 0
    parameter int PadRight  = 0,
    parameter int Pad       = 0,  // element outside of the image, two's complement
    parameter int Wait      = 0,  // rows behind a window's last one that it waits for, >= 0
    parameter int UserBits  = 1   // user bits with the restart bit, >= 1
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
  localparam int Reach    = (KernelH - 1) * DilationH + 1 + Wait;
  localparam int Columns  = (KernelW - 1) * DilationW + 1;
  localparam int OutW     = (Width + PadLeft + PadRight - Columns) / StrideW + 1;
  localparam int RowWords = Width * Beats;
  // A row of the ring is so many words of one memory, or one of several memories.
  localparam int RowUnit  = (BeatTaps > 1) ? 1 : RowWords;
  localparam int Words    = Reach * RowUnit;
  localparam int AddrBits = (Words > 1) ? $clog2(Words) + 1 : 2;  // one more: sums before they wrap
  localparam int RowBits  = $clog2(Reach + StrideH + 1) + 2;
  localparam int ColBits  = $clog2(Width + PadLeft + PadRight + Columns + StrideW) + 2;
  localparam int BeatBits = $clog2(Beats + 1);
  localparam int OffBits  = (RowWords > 1) ? $clog2(RowWords) : 1;
  localparam int KhBits   = $clog2(KernelH + 1);
  localparam int KwBits   = $clog2(KernelW + 1);
  localparam int OxBits   = $clog2(OutW + 1);
  // The first window begins in ring row 0, with the rows of the padding.
  localparam int FirstWrite = (PadTop % Reach) * RowUnit;
  localparam int RowStep    = (StrideH % Reach) * RowUnit;
  localparam int TapStep    = BeatTaps * DilationH;

  initial begin
    if (InBits < 1 || InBits > ElemBits || Lanes < 1 || Beats < 1 || Width < 1 || KernelH < 1 || KernelW < 1 || StrideH < 1 ||
        StrideW < 1 || DilationH < 1 || DilationW < 1 || PadTop < 0 || PadTop >= Reach || PadLeft < 0 || PadRight < 0 ||
        Wait < 0 || UserBits < 1)
      $fatal(1, "finngl_swg_stream: parameter out of range");
    if (BeatTaps < 1 || KernelH % BeatTaps != 0 || (BeatTaps > 1 && (Beats != 1 || KernelW != 1)))
      $fatal(1, "finngl_swg_stream: the kernel does not have so many taps side by side");
    if (Width + PadLeft + PadRight < Columns) $fatal(1, "finngl_swg_stream: the window does not fit the row");
  end

  // Rows are counted from the first one of the next row of windows. ahead_q of them are complete, padding among them,
  // less than 0 if rows between two windows are to be passed over; the first padded_q are padding.
  // Written next: beat w_beat_q of column w_col_q in row ahead_q, at w_addr_q.
  logic signed [RowBits-1:0] ahead_q, padded_q;
  logic signed [ColBits-1:0] w_col_q;
  logic [BeatBits-1:0]       w_beat_q;
  logic [AddrBits-1:0]       w_addr_q;
  logic                      w_row_q, w_packet_q, w_drop_q, abort_q, first_q, frame_error_q;
  logic                      take, restart, col_end, row_end, bad;
  // Read next: taps (kh_q * BeatTaps .., kw_q) from row row_q on, beat beat_q of window ox_q, whose first tap is in column col0_q.
  logic [OxBits-1:0]         ox_q;
  logic [KhBits-1:0]         kh_q;
  logic [KwBits-1:0]         kw_q;
  logic [BeatBits-1:0]       beat_q;
  logic signed [RowBits-1:0] row_q;
  logic signed [ColBits-1:0] col0_q, col_q;
  logic [AddrBits-1:0]       row0_addr_q, row_addr_q;
  logic [OffBits-1:0]        w_offset, r_offset;
  logic [BeatTaps*(AddrBits-1)-1:0] r_rows;
  logic                      beat_end, kw_end, kh_end, r_final, advance;
  logic                      complete, begun, in_width, in_columns, here, read, free, close, forget;
  logic [BeatTaps-1:0]       in_image, here_tap;
  logic                      valid_q, last_q, err_q;
  logic [UserBits-1:0]       user_q, m_user_q;

  function automatic [AddrBits-1:0] wrapped(input [AddrBits-1:0] addr);
    wrapped = (addr >= AddrBits'(Words)) ? addr - AddrBits'(Words) : addr;
  endfunction

  assign complete  = ahead_q == RowBits'(Reach);
  assign s_ready_o = w_drop_q || (!abort_q && !complete);
  assign take      = s_valid_i && s_ready_o;
  assign restart   = take && !w_drop_q && !w_packet_q && s_user_i[0];
  assign col_end   = w_beat_q == BeatBits'(Beats - 1);
  assign row_end   = col_end && w_col_q == ColBits'(Width - 1);
  assign advance   = BeatTaps == 1 || row_end;
  assign bad       = s_err_i || (s_last_i && !row_end);
  assign forget    = !rst_ni || close || restart;

  always_ff @(posedge clk_i) begin
    frame_error_q <= rst_ni && take && !w_drop_q && bad && !s_err_i;
    if (!rst_ni) begin
      w_packet_q <= 1'b0;
      w_drop_q   <= 1'b0;
      abort_q    <= 1'b0;
    end else begin
      if (take) w_packet_q <= !s_last_i && !s_err_i;
      if (take && w_drop_q) w_drop_q <= !s_last_i && !s_err_i;
      else if (take) w_drop_q <= bad && !s_last_i && !s_err_i;
      abort_q <= (take && !w_drop_q && bad) || (abort_q && !close);
    end
  end

  // A restart comes while no window is in work: its beat is written behind the padding at once.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || close || (take && !w_drop_q && row_end)) begin
      w_row_q  <= 1'b0;
      w_col_q  <= '0;
      w_beat_q <= '0;
    end else if (take && !w_drop_q) begin
      w_row_q  <= 1'b1;
      w_beat_q <= col_end ? '0 : w_beat_q + BeatBits'(1);
      if (col_end) w_col_q <= w_col_q + ColBits'(1);
    end
    if (!rst_ni || close) w_addr_q <= AddrBits'(FirstWrite);
    else if (restart) w_addr_q <= wrapped(AddrBits'(FirstWrite) + AddrBits'(advance));
    else if (take && !w_drop_q && advance) w_addr_q <= wrapped(w_addr_q + AddrBits'(1));
    if (forget) begin
      ahead_q  <= RowBits'(PadTop) + RowBits'(restart && row_end);
      padded_q <= RowBits'(PadTop);
      first_q  <= 1'b1;
    end else if (read && r_final) begin
      ahead_q  <= ahead_q - RowBits'(StrideH);
      padded_q <= (padded_q > RowBits'(StrideH)) ? padded_q - RowBits'(StrideH) : '0;
      first_q  <= 1'b0;
    end else if (take && !w_drop_q && row_end) begin
      ahead_q <= ahead_q + RowBits'(1);
    end
  end
  always_ff @(posedge clk_i) begin
    if (take && !w_drop_q && !w_row_q) user_q <= s_user_i;
  end

  assign beat_end = beat_q == BeatBits'(Beats - 1);
  assign kw_end   = beat_end && kw_q == KwBits'(KernelW - 1);
  assign kh_end   = kw_end && kh_q == KhBits'(KernelH / BeatTaps - 1);
  assign r_final  = kh_end && ox_q == OxBits'(OutW - 1);
  // The last row that is waited for has begun: no restart comes before it ends.
  assign begun    = ahead_q == RowBits'(Reach - 1) && w_row_q;
  assign in_width = col_q >= 0 && col_q < ColBits'(Width);
  // Of the row that is being written.
  assign in_columns = col_q < w_col_q || (col_q == w_col_q && beat_q < w_beat_q);
  for (genvar t = 0; t < BeatTaps; t++) begin : gen_here
    logic signed [RowBits-1:0] row;
    assign row         = row_q + RowBits'(t * DilationH);
    assign in_image[t] = in_width && row >= padded_q;
    assign r_rows[t*(AddrBits-1)+:AddrBits-1] = (AddrBits - 1)'(wrapped(row_addr_q + AddrBits'(t * DilationH)));
    assign here_tap[t] = !in_image[t] || row < ahead_q || (row == ahead_q && in_columns);
  end
  assign here     = &here_tap;
  assign free     = !valid_q || m_ready_i;
  assign read     = free && !abort_q && (complete || (begun && here && !r_final));
  assign close    = abort_q && free;

  always_ff @(posedge clk_i) begin
    if (forget) begin
      row0_addr_q <= '0;
      row_addr_q  <= '0;
    end else if (read && r_final) begin
      row0_addr_q <= wrapped(row0_addr_q + AddrBits'(RowStep));
      row_addr_q  <= wrapped(row0_addr_q + AddrBits'(RowStep));
    end else if (read && kh_end) begin
      row_addr_q <= row0_addr_q;
    end else if (read && kw_end) begin
      row_addr_q <= wrapped(row_addr_q + AddrBits'(TapStep * RowUnit));
    end
    if (forget || (read && r_final)) begin
      ox_q   <= '0;
      kh_q   <= '0;
      kw_q   <= '0;
      beat_q <= '0;
      row_q  <= '0;
      col0_q <= -ColBits'(PadLeft);
      col_q  <= -ColBits'(PadLeft);
    end else if (read) begin
      beat_q <= beat_end ? '0 : beat_q + BeatBits'(1);
      if (beat_end) kw_q <= kw_end ? '0 : kw_q + KwBits'(1);
      if (kw_end) kh_q <= kh_end ? '0 : kh_q + KhBits'(1);
      if (kw_end) row_q <= kh_end ? '0 : row_q + RowBits'(TapStep);
      if (kh_end) begin  // the next window
        ox_q   <= ox_q + OxBits'(1);
        col0_q <= col0_q + ColBits'(StrideW);
        col_q  <= col0_q + ColBits'(StrideW);
      end else if (kw_end) begin  // the window's next row
        col_q <= col0_q;
      end else if (beat_end) begin
        col_q <= col_q + ColBits'(DilationW);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (read || close) valid_q <= 1'b1;
    else if (m_ready_i) valid_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (read || close) begin
      last_q      <= close || r_final;
      err_q       <= close;
      m_user_q    <= user_q;
      m_user_q[0] <= first_q;
    end
  end

  logic [AddrBits-2:0] w_row;
  assign w_row    = restart ? (AddrBits - 1)'(FirstWrite) : w_addr_q[AddrBits-2:0];
  assign w_offset = (BeatTaps > 1) ? OffBits'(w_col_q) : '0;
  assign r_offset = OffBits'(32'(col_q) * Beats) + OffBits'(beat_q);
  finngl_row_ring #(
      .ElemBits(ElemBits),
      .InBits  (InBits),
      .InSigned(InSigned),
      .Lanes   (Lanes),
      .Rows    (Reach),
      .RowWords(RowWords),
      .Taps    (BeatTaps),
      .Pad     (Pad)
  ) i_ring (
      .clk_i,
      .write_i   (take && !w_drop_q),
      .w_row_i   (w_row),
      .w_offset_i(w_offset),
      .data_i    (s_data_i),
      .read_i    (read),
      .r_row_i   (r_rows),
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
  a_idle :
  assert property (@(posedge clk_i) disable iff (!rst_ni) restart |-> !read);
`endif
endmodule
