// Output of a region: turns a fixed-latency stream that cannot stall into a ready/valid stream, by credits.
//
//   credits: Steps at reset; reserve_i (the launch pulse) takes one, the step's last beat leaving gives it back.
//   room_o is a register: reserve_i in cycle n is counted in room_o of n + 1, so a launch may follow every cycle.
//   latency 1: a beat in cycle n is offered in n + 1. II 1. Every reserved step must deliver its Beats beats, in order.
//   The first Keep of them leave; the others are padding. What is said of a step's last beat below is said of the last
//   one that leaves.
//   meta (user_i, err_i, last_i) is presented with each beat of a step and is the same on all of them.
//   m_last_o only on the last beat of a step with last_i. LastOnly drops steps with neither last_i nor err_i; their
//   credit returns when their last beat passes. An error step sends one beat (when its last beat passes) with m_last_o
//   and m_err_o, data undefined.
// Stall example, Steps = 2, m_ready_i = 0: two launches, then room_o = 0; when m_ready_i takes the last beat of the older
// step in cycle n, room_o = 1 in n + 1.
module finngl_out_port #(
    parameter int W        = 8,  // bits of a beat's data, >= 1
    parameter int Beats    = 1,  // beats of a step, >= 1
    parameter int Keep     = Beats,  // of these leave, 1 to Beats
    parameter int Steps    = 2,  // steps in flight and waiting together, >= 1
    parameter int UserBits = 0,  // user bits of a step (with the restart bit, where a region follows), >= 0
    parameter int LastOnly = 0,  // 1: only the packet's last step leaves
    localparam int UserWidth = (UserBits > 0) ? UserBits : 1
) (
    input  logic                 clk_i,
    input  logic                 rst_ni,
    input  logic                 reserve_i,
    output logic                 room_o,
    input  logic [W-1:0]         data_i,
    input  logic [UserWidth-1:0] user_i,   // not read if UserBits = 0
    input  logic                 err_i,
    input  logic                 last_i,
    input  logic                 valid_i,
    output logic [W-1:0]         m_data_o,
    output logic [UserWidth-1:0] m_user_o, // 0 if UserBits = 0
    output logic                 m_err_o,
    output logic                 m_last_o,
    output logic                 m_valid_o,
    input  logic                 m_ready_i
);
  localparam int BeatBits   = (Beats > 1) ? $clog2(Beats) : 1;
  localparam int CreditBits = $clog2(Steps + 1);
  localparam int FifoWidth  = W + UserBits + 3;

  initial begin
    if (W < 1 || Beats < 1 || Keep < 1 || Keep > Beats || Steps < 1 || UserBits < 0 || LastOnly < 0 || LastOnly > 1) $fatal(1, "finngl_out_port: parameter out of range");
  end

  logic [BeatBits-1:0]   beat_q;
  logic                  step_end, counted, keep, push, drop_end, pop_end;
  logic [CreditBits-1:0] credit_q, credit_d;
  logic                  room_q;
  logic                  fifo_ready, m_end, m_step_last;
  logic [FifoWidth-1:0]  fifo_in, fifo_out;

  if (Keep < Beats) begin : gen_padding
    assign counted = valid_i && beat_q < BeatBits'(Keep);
  end else begin : gen_whole
    assign counted = valid_i;
  end
  assign step_end = beat_q == BeatBits'(Keep - 1);
  assign keep     = LastOnly == 0 || last_i || err_i;
  assign push     = counted && keep && (!err_i || step_end);
  assign drop_end = counted && !keep && step_end;
  assign pop_end  = m_valid_o && m_ready_i && m_end;
  // A drop and a pop may give back one credit each in the same cycle.
  assign credit_d = credit_q - CreditBits'(reserve_i) + CreditBits'(drop_end) + CreditBits'(pop_end);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q   <= '0;
      credit_q <= CreditBits'(Steps);
      room_q   <= 1'b0;
    end else begin
      if (valid_i) beat_q <= (beat_q == BeatBits'(Beats - 1)) ? '0 : beat_q + BeatBits'(1);
      credit_q <= credit_d;
      room_q   <= credit_d != '0;
    end
  end

  if (UserBits > 0) begin : gen_user
    assign fifo_in  = {user_i, data_i, step_end, err_i, last_i || err_i};
    assign m_user_o = fifo_out[W+3+:UserWidth];
  end else begin : gen_no_user
    logic unused;
    assign unused   = ^user_i;
    assign fifo_in  = {data_i, step_end, err_i, last_i || err_i};
    assign m_user_o = '0;
  end

  finngl_fifo #(
      .Width(FifoWidth),
      .Depth(Steps * Keep)
  ) i_fifo (
      .clk_i,
      .rst_ni,
      .in_data_i  (fifo_in),
      .in_valid_i (push),
      .in_ready_o (fifo_ready),
      .out_data_o (fifo_out),
      .out_valid_o(m_valid_o),
      .out_ready_i(m_ready_i)
  );

  assign {m_data_o, m_end, m_err_o, m_step_last} = fifo_out[W+2:0];
  assign m_last_o = m_step_last && m_end;
  assign room_o   = room_q;

`ifdef FINNGL_ASSERT
  a_no_overflow :
  assert property (@(posedge clk_i) disable iff (!rst_ni) push |-> fifo_ready);
  a_reserve_room :
  assert property (@(posedge clk_i) disable iff (!rst_ni) reserve_i |-> room_q);
  a_stable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_valid_o && !m_ready_i |=>
                   m_valid_o && $stable({m_data_o, m_user_o, m_err_o, m_last_o}));
`else
  logic unused_fifo_ready;
  assign unused_fifo_ready = fifo_ready;
`endif
endmodule
