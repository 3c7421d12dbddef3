// Sliding windows of a streamed image: finn.im2col as a stream element.
//
//   out[o, k, c] = in[o * stride - pad + k * dilation, c], Pad where that is outside; for each window o in row-major order
//   its taps k in row-major order, the beats of each position together. A packet is one image of Height * Width positions.
//   A ring holds the rows that a window reaches, (KernelH - 1) * DilationH + 1; no row is held longer than it is read.
//   With BeatTaps > 1 so many rows of a window are in a beat, the upper one in the low bits: a memory for each row of the ring.
//   latency: the beat that a tap waits for taken in cycle n -> the tap is offered in n + 2. One beat a cycle on both
//   sides, padding costs no input beats. s_ready_o, m_valid_o do not depend on the other side's handshake.
// Sideband: the packet's first beat gives the user bits of every beat; its restart bit (user bit 0) must be 1, since the
// ring belongs to one image. m_last_o goes with the image's last beat, which waits for the packet's end.
// Errors: a packet whose last beat is not that of the image, one with s_err_i, or restart 0 (frame_error_o pulses, but for
// s_err_i) is closed by one beat with m_last_o and m_err_o, data undefined; the next packet begins anew.
// Stall example: m_ready_i = 0; the ring fills up to the row below the window's first, then s_ready_o = 0 until that
// window's row has been read.
module finngl_swg #(
    parameter int ElemBits  = 8,  // bits of an element of a window, >= 1
    parameter int InBits    = ElemBits,  // of an element of the image, <= ElemBits: wider ones hold Pad
    parameter int InSigned  = 1,  // the image's elements are two's complement
    parameter int Lanes     = 1,  // elements of a beat of the image, >= 1
    parameter int Beats     = 1,  // beats of a position, >= 1
    parameter int BeatTaps  = 1,  // of a beat of a window, divides KernelH; > 1 needs Beats = KernelW = 1
    parameter int Height    = 4,  // rows of the image, >= 1
    parameter int Width     = 4,  // columns of the image, >= 1
    parameter int KernelH   = 3,  // taps, >= 1
    parameter int KernelW   = 1,
    parameter int StrideH   = 1,  // >= 1
    parameter int StrideW   = 1,
    parameter int DilationH = 1,  // >= 1
    parameter int DilationW = 1,
    parameter int PadTop    = 1,  // >= 0
    parameter int PadBottom = 1,
    parameter int PadLeft   = 0,
    parameter int PadRight  = 0,
    parameter int Pad       = 0,  // element outside of the image, two's complement
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
  localparam int Rows     = (KernelH - 1) * DilationH + 1;
  localparam int Columns  = (KernelW - 1) * DilationW + 1;
  localparam int OutH     = (Height + PadTop + PadBottom - Rows) / StrideH + 1;
  localparam int OutW     = (Width + PadLeft + PadRight - Columns) / StrideW + 1;
  localparam int RowWords = Width * Beats;
  // A row of the ring is so many words of one memory, or one of several memories.
  localparam int RowUnit  = (BeatTaps > 1) ? 1 : RowWords;
  localparam int Words    = Rows * RowUnit;
  localparam int AddrBits = (Words > 1) ? $clog2(Words) + 1 : 2;  // one more: sums before they wrap
  localparam int RowBits  = $clog2(Height + PadTop + PadBottom + Rows + StrideH) + 2;
  localparam int ColBits  = $clog2(Width + PadLeft + PadRight + Columns + StrideW) + 2;
  localparam int BeatBits = $clog2(Beats + 1);
  localparam int OffBits  = (RowWords > 1) ? $clog2(RowWords) : 1;
  localparam int KhBits   = $clog2(KernelH + 1);
  localparam int KwBits   = $clog2(KernelW + 1);
  localparam int OyBits   = $clog2(OutH + 1);
  localparam int OxBits   = $clog2(OutW + 1);
  // Row r of the image is in ring row (r + PadTop) mod Rows, so that the first window begins in ring row 0.
  localparam int FirstWrite = (PadTop % Rows) * RowUnit;
  localparam int RowStep    = (StrideH % Rows) * RowUnit;
  localparam int TapStep    = BeatTaps * DilationH;

  initial begin
    if (InBits < 1 || InBits > ElemBits || Lanes < 1 || Beats < 1 || Height < 1 || Width < 1 || KernelH < 1 || KernelW < 1 || StrideH < 1 ||
        StrideW < 1 || DilationH < 1 || DilationW < 1 || PadTop < 0 || PadBottom < 0 || PadLeft < 0 || PadRight < 0 ||
        UserBits < 1)
      $fatal(1, "finngl_swg: parameter out of range");
    if (BeatTaps < 1 || KernelH % BeatTaps != 0 || (BeatTaps > 1 && (Beats != 1 || KernelW != 1)))
      $fatal(1, "finngl_swg: the kernel does not have so many taps side by side");
    if (Height + PadTop + PadBottom < Rows || Width + PadLeft + PadRight < Columns)
      $fatal(1, "finngl_swg: the window does not fit the image");
  end

  // Written next: beat w_beat_q of position (w_row_q, w_col_q), at w_addr_q. w_done_q: the whole image is here.
  logic signed [RowBits-1:0] w_row_q;
  logic signed [ColBits-1:0] w_col_q;
  logic [BeatBits-1:0]       w_beat_q;
  logic [AddrBits-1:0]       w_addr_q;
  logic                      w_begun_q, w_done_q, w_drop_q, abort_q, frame_error_q;
  logic                      take, room, skip, col_end, row_end, w_final, bad, restart;
  // Read next: taps (kh_q * BeatTaps .., kw_q), beat beat_q of window (oy_q, ox_q), whose first tap is at (row0_q, col0_q).
  logic [OyBits-1:0]         oy_q;
  logic [OxBits-1:0]         ox_q;
  logic [KhBits-1:0]         kh_q;
  logic [KwBits-1:0]         kw_q;
  logic [BeatBits-1:0]       beat_q;
  logic signed [RowBits-1:0] row0_q, row_q;
  logic signed [ColBits-1:0] col0_q, col_q;
  logic [AddrBits-1:0]       row0_addr_q, row_addr_q;
  logic [OffBits-1:0]        w_offset, r_offset;
  logic [BeatTaps*(AddrBits-1)-1:0] r_rows;
  logic                      beat_end, kw_end, kh_end, ox_end, oy_end, r_final;
  logic                      in_width, in_columns, here, read, free, close;
  logic [BeatTaps-1:0]       in_image, here_tap;
  logic                      valid_q, last_q, err_q;
  logic [UserBits-1:0]       user_q, m_user_q;

  function automatic [AddrBits-1:0] wrapped(input [AddrBits-1:0] addr);
    wrapped = (addr >= AddrBits'(Words)) ? addr - AddrBits'(Words) : addr;
  endfunction

  // Rows beyond the last window's are taken and dropped.
  assign oy_end    = oy_q == OyBits'(OutH - 1);
  assign room      = w_row_q < row0_q + RowBits'(Rows);
  assign skip      = oy_end && !room;
  assign s_ready_o = w_drop_q || (!w_done_q && !abort_q && (room || skip));
  assign take      = s_valid_i && s_ready_o;
  assign col_end   = w_beat_q == BeatBits'(Beats - 1);
  assign row_end   = col_end && w_col_q == ColBits'(Width - 1);
  assign w_final   = row_end && w_row_q == RowBits'(Height - 1);
  assign restart   = w_begun_q || s_user_i[0];
  assign bad       = s_err_i || !restart || s_last_i != w_final;

  always_ff @(posedge clk_i) begin
    frame_error_q <= rst_ni && take && !w_drop_q && bad && !s_err_i;
    if (!rst_ni || close) begin
      w_row_q   <= '0;
      w_col_q   <= '0;
      w_beat_q  <= '0;
      w_addr_q  <= AddrBits'(FirstWrite);
      w_begun_q <= 1'b0;
      w_done_q  <= 1'b0;
      w_drop_q  <= 1'b0;
      abort_q   <= 1'b0;
    end else if (take && w_drop_q) begin
      w_drop_q <= !s_last_i && !s_err_i;
    end else if (take) begin
      w_begun_q <= 1'b1;
      w_done_q  <= w_final && !bad;
      abort_q   <= bad;
      w_drop_q  <= bad && !s_last_i && !s_err_i;
      w_beat_q  <= col_end ? '0 : w_beat_q + BeatBits'(1);
      if (col_end) w_col_q <= row_end ? '0 : w_col_q + ColBits'(1);
      if (row_end) w_row_q <= w_row_q + RowBits'(1);
      if (room && (BeatTaps == 1 || row_end)) w_addr_q <= wrapped(w_addr_q + AddrBits'(1));
    end
  end
  always_ff @(posedge clk_i) begin
    if (take && !w_begun_q) user_q <= s_user_i;
  end

  assign beat_end = beat_q == BeatBits'(Beats - 1);
  assign kw_end   = beat_end && kw_q == KwBits'(KernelW - 1);
  assign kh_end   = kw_end && kh_q == KhBits'(KernelH / BeatTaps - 1);
  assign ox_end   = kh_end && ox_q == OxBits'(OutW - 1);
  assign r_final  = ox_end && oy_end;
  assign in_width = col_q >= 0 && col_q < ColBits'(Width);
  // Of the row that is being written.
  assign in_columns = col_q < w_col_q || (col_q == w_col_q && beat_q < w_beat_q);
  for (genvar t = 0; t < BeatTaps; t++) begin : gen_here
    logic signed [RowBits-1:0] row;
    assign row         = row_q + RowBits'(t * DilationH);
    assign in_image[t] = in_width && row >= 0 && row < RowBits'(Height);
    assign r_rows[t*(AddrBits-1)+:AddrBits-1] = (AddrBits - 1)'(wrapped(row_addr_q + AddrBits'(t * DilationH)));
    assign here_tap[t] = !in_image[t] || row < w_row_q || (row == w_row_q && in_columns);
  end
  assign here     = &here_tap;
  assign free     = !valid_q || m_ready_i;
  assign read     = free && w_begun_q && here && !abort_q && (!r_final || w_done_q);
  assign close    = (read && r_final) || (abort_q && !w_drop_q && free);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || close) begin
      oy_q        <= '0;
      ox_q        <= '0;
      kh_q        <= '0;
      kw_q        <= '0;
      beat_q      <= '0;
      row0_q      <= -RowBits'(PadTop);
      row_q       <= -RowBits'(PadTop);
      col0_q      <= -ColBits'(PadLeft);
      col_q       <= -ColBits'(PadLeft);
      row0_addr_q <= '0;
      row_addr_q  <= '0;
    end else if (read) begin
      beat_q <= beat_end ? '0 : beat_q + BeatBits'(1);
      if (ox_end) begin  // down to the next row of windows
        oy_q        <= oy_q + OyBits'(1);
        ox_q        <= '0;
        row0_q      <= row0_q + RowBits'(StrideH);
        row_q       <= row0_q + RowBits'(StrideH);
        row0_addr_q <= wrapped(row0_addr_q + AddrBits'(RowStep));
        row_addr_q  <= wrapped(row0_addr_q + AddrBits'(RowStep));
        col0_q      <= -ColBits'(PadLeft);
        col_q       <= -ColBits'(PadLeft);
      end else if (kh_end) begin  // the next window
        ox_q       <= ox_q + OxBits'(1);
        row_q      <= row0_q;
        row_addr_q <= row0_addr_q;
        col0_q     <= col0_q + ColBits'(StrideW);
        col_q      <= col0_q + ColBits'(StrideW);
      end else if (kw_end) begin  // the window's next row
        row_q      <= row_q + RowBits'(TapStep);
        row_addr_q <= wrapped(row_addr_q + AddrBits'(TapStep * RowUnit));
        col_q      <= col0_q;
      end else if (beat_end) begin
        col_q <= col_q + ColBits'(DilationW);
      end
      if (kw_end) kh_q <= kh_end ? '0 : kh_q + KhBits'(1);
      if (beat_end) kw_q <= kw_end ? '0 : kw_q + KwBits'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (read || close) valid_q <= 1'b1;
    else if (m_ready_i) valid_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (read || close) begin
      last_q   <= close;
      err_q    <= !read;
      m_user_q <= user_q;
    end
  end

  assign w_offset = (BeatTaps > 1) ? OffBits'(w_col_q) : '0;
  assign r_offset = OffBits'(32'(col_q) * Beats) + OffBits'(beat_q);
  finngl_row_ring #(
      .ElemBits(ElemBits),
      .InBits  (InBits),
      .InSigned(InSigned),
      .Lanes   (Lanes),
      .Rows    (Rows),
      .RowWords(RowWords),
      .Taps    (BeatTaps),
      .Pad     (Pad)
  ) i_ring (
      .clk_i,
      .write_i   (take && room),
      .w_row_i   (w_addr_q[AddrBits-2:0]),
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
`endif
endmodule
