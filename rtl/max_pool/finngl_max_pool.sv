// Largest tap of each channel of streamed windows: finn.max_pool as a stream element behind finngl_swg.
//
//   out[o, c] = max over taps k of in[o, k, c]; a window is Taps taps of Beats beats, Lanes channels a beat.
//   latency: a beat of a window's last tap taken in cycle n is offered in n + 1 (a FIFO of two beats). One beat a cycle;
//   s_ready_o, m_valid_o do not depend on the other side's handshake.
// Sideband: each beat has the user bits, last and err of the last tap's beat that it comes from.
// Errors: a beat with s_err_i, or with s_last_i inside of a window (upstream has reported it), leaves as one beat with
// m_last_o and m_err_o, data undefined, one cycle later than others; the next beat begins a packet.
// Stall example, Taps = 3, Beats = 1, m_ready_i = 0: two maxima wait, the first two taps of the third window are taken,
// its last tap waits with s_ready_o = 0.
module finngl_max_pool #(
    parameter int ElemBits = 8,  // bits of an element, >= 1
    parameter int Signed   = 1,  // elements are two's complement
    parameter int Lanes    = 1,  // elements of a beat, >= 1
    parameter int Beats    = 1,  // beats of a tap, >= 1
    parameter int Taps     = 2,  // taps of a window, >= 1
    parameter int UserBits = 1   // >= 1
) (
    input  logic                      clk_i,
    input  logic                      rst_ni,
    input  logic [Lanes*ElemBits-1:0] s_data_i,
    input  logic [UserBits-1:0]       s_user_i,
    input  logic                      s_last_i,
    input  logic                      s_err_i,
    input  logic                      s_valid_i,
    output logic                      s_ready_o,
    output logic [Lanes*ElemBits-1:0] m_data_o,
    output logic [UserBits-1:0]       m_user_o,
    output logic                      m_last_o,
    output logic                      m_err_o,
    output logic                      m_valid_o,
    input  logic                      m_ready_i
);
  localparam int W        = Lanes * ElemBits;
  localparam int BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam int TapBits  = (Taps > 1) ? $clog2(Taps) : 1;

  initial begin
    if (ElemBits < 1 || Lanes < 1 || Beats < 1 || Taps < 1 || UserBits < 1) $fatal(1, "finngl_max_pool: parameter out of range");
  end

  logic [BeatBits-1:0] beat_q;
  logic [TapBits-1:0]  tap_q;
  logic                beat_end, tap_end, take, broken, flush_q, push, room;
  logic [UserBits-1:0] user_q;
  logic [W-1:0]        most_q[Beats];  // of the taps so far
  logic [W-1:0]        so_far, most;

  assign beat_end  = beat_q == BeatBits'(Beats - 1);
  assign tap_end   = tap_q == TapBits'(Taps - 1);
  assign broken    = s_err_i || (s_last_i && !(beat_end && tap_end));
  assign s_ready_o = !flush_q && (!tap_end || room);
  assign take      = s_valid_i && s_ready_o;
  assign push      = (take && tap_end && !broken) || (flush_q && room);
  assign so_far    = most_q[beat_q];

  function automatic logic greater(input logic [ElemBits-1:0] a, input logic [ElemBits-1:0] b);
    greater = (Signed != 0) ? $signed(a) > $signed(b) : a > b;
  endfunction

  always_comb begin
    most = s_data_i;
    for (int i = 0; i < Lanes; i++)
      if (tap_q != '0 && greater(so_far[i*ElemBits+:ElemBits], s_data_i[i*ElemBits+:ElemBits]))
        most[i*ElemBits+:ElemBits] = so_far[i*ElemBits+:ElemBits];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q  <= '0;
      tap_q   <= '0;
      flush_q <= 1'b0;
    end else begin
      flush_q <= (take && broken) || (flush_q && !room);
      if (take && broken) begin
        beat_q <= '0;
        tap_q  <= '0;
      end else if (take) begin
        beat_q <= beat_end ? '0 : beat_q + BeatBits'(1);
        if (beat_end) tap_q <= tap_end ? '0 : tap_q + TapBits'(1);
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) most_q[beat_q] <= most;
    if (take) user_q <= s_user_i;
  end

  finngl_fifo #(
      .Width(W + UserBits + 2),
      .Depth(2)
  ) i_fifo (
      .clk_i,
      .rst_ni,
      .in_data_i  ({flush_q, flush_q || s_last_i, flush_q ? user_q : s_user_i, most}),
      .in_valid_i (push),
      .in_ready_o (room),
      .out_data_o ({m_err_o, m_last_o, m_user_o, m_data_o}),
      .out_valid_o(m_valid_o),
      .out_ready_i(m_ready_i)
  );
endmodule
