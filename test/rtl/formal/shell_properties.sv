// Properties of the shell: finngl_launch, a pipeline of fixed latency that cannot stall, finngl_out_port.
//
// Free in every cycle: whether an input step is complete (full_i), its last and error bits, the data of each beat, the
// consumer's ready, the reset. So: any input pattern, any stall pattern.
// Proved by the properties named a_*:
//   a_no_overflow  a beat that leaves the pipeline always finds room
//   a_offered      exactly the expected beats leave: m_valid_o iff a beat is owed
//   a_value        each expected beat leaves once, in order, with its data, error bit and TLAST (one freely chosen beat
//                  is followed; see fifo_properties.sv). Data of error steps is not compared: it is undefined.
//   a_stable       an offered beat stays as it is until it is taken
//   a_period       no two launches within Period cycles
//   a_credit       with nothing under way, there is room: no credit is ever lost (nor gained: a_no_overflow)
// The expected beats come from the rules of the port (LastOnly, one beat for an error step), restated here.
// Assertions without such a name are the invariants that induction needs.
module shell_properties #(
    parameter int Beats    = 2,
    parameter int Steps    = 2,
    parameter int Latency  = 3,  // of the pipeline, >= 2
    parameter int Period   = 2,  // >= Beats
    parameter int LastOnly = 0,
    parameter int Induct   = 1   // 1: check the invariants
) (
    input logic clk_i,
    input logic rst_ni,
    input logic full_i,
    input logic err_i,
    input logic last_i,
    input logic data_i,
    input logic m_ready_i,
    input logic track_i
);
  localparam int Depth = Steps * Beats;
  localparam int CountBits = $clog2(Depth + 1) + 1;
  localparam int LeftBits = $clog2(Beats + 1);

  logic launch, room;
  logic m_data, m_err, m_last, m_valid;
  logic valid, begins, ends, err, last;

  finngl_launch #(
      .NIn   (1),
      .NFirst(0),
      .NOut  (1),
      .Period(Period)
  ) i_launch (
      .clk_i,
      .rst_ni,
      .full_i,
      .first_i     (1'b0),
      .first_full_i(1'b0),
      .room_i      (room),
      .launch_o    (launch)
  );

  // The pipeline: the launch and the step's bits, Latency cycles later, then Beats beats without a gap.
  logic [Latency-1:0] under_way_q, err_line_q, last_line_q;  // bit 0: launched one cycle ago
  logic [LeftBits-1:0] left_q;  // beats of the present step that are to come
  logic err_q, last_q;

  assign begins = under_way_q[Latency-1];
  assign valid  = begins || left_q != '0;
  assign ends   = (Beats == 1) ? begins : left_q == LeftBits'(1);
  assign err    = begins ? err_line_q[Latency-1] : err_q;
  assign last   = begins ? last_line_q[Latency-1] : last_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      under_way_q <= '0;
      left_q <= '0;
    end else begin
      under_way_q <= {under_way_q[Latency-2:0], launch};
      if (begins) left_q <= LeftBits'(Beats - 1);
      else if (left_q != '0) left_q <= left_q - LeftBits'(1);
    end
    err_line_q  <= {err_line_q[Latency-2:0], err_i};
    last_line_q <= {last_line_q[Latency-2:0], last_i};
    err_q       <= err;
    last_q      <= last;
  end

  finngl_out_port #(
      .W       (1),
      .Beats   (Beats),
      .Steps   (Steps),
      .UserBits(0),
      .LastOnly(LastOnly)
  ) i_port (
      .clk_i,
      .rst_ni,
      .reserve_i(launch),
      .room_o   (room),
      .data_i,
      .user_i   (1'b0),
      .err_i    (err),
      .last_i   (last),
      .valid_i  (valid),
      .m_data_o (m_data),
      .m_user_o (),
      .m_err_o  (m_err),
      .m_last_o (m_last),
      .m_valid_o(m_valid),
      .m_ready_i
  );

  // The model: beats owed to the consumer, and the place of the followed one.
  logic started_q = 1'b0;
  logic reset_q, stalled_q, tracking_q, expected, taken;
  logic [2:0] value_q, offer, offer_q;  // {data, err, last}
  logic [CountBits-1:0] owed_q, before_q;
  logic [3:0] since_q;  // cycles since the last launch, stops at 15

  assign expected = valid && (LastOnly == 0 || last || err) && (!err || ends);
  assign taken    = m_valid && m_ready_i;
  assign offer    = {m_data, m_err, m_last};

  always_ff @(posedge clk_i) begin
    reset_q   <= !rst_ni;
    stalled_q <= rst_ni && m_valid && !m_ready_i;
    offer_q   <= offer;
    if (!rst_ni) begin
      started_q  <= 1'b1;
      tracking_q <= 1'b0;
      owed_q     <= '0;
      since_q    <= 4'd15;
    end else begin
      since_q <= launch ? 4'd1 : since_q + 4'(since_q != 4'd15);
      owed_q  <= owed_q + CountBits'(expected) - CountBits'(taken);
      if (expected && track_i && !tracking_q) begin
        tracking_q <= 1'b1;
        before_q   <= owed_q - CountBits'(taken);
        value_q    <= {data_i, err, err || (last && ends)};
      end else if (tracking_q && taken) begin
        if (before_q == '0) tracking_q <= 1'b0;
        before_q <= before_q - CountBits'(1);
      end
    end
  end

  // Registers and wires inside, by the names they have after flattening.
  localparam int TapBits = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int CreditBits = $clog2(Steps + 1);
  localparam int BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam int WaitBits = (Period > 1) ? $clog2(Period) : 1;
  (* hierconn *) wire \i_port.push ;
  (* hierconn *) wire \i_port.fifo_ready ;
  (* hierconn *) wire [CreditBits-1:0] \i_port.credit_q ;
  (* hierconn *) wire [BeatBits-1:0] \i_port.beat_q ;
  (* hierconn *) wire [TapBits-1:0] \i_port.i_fifo.tap_q ;
  (* hierconn *) wire \i_port.i_fifo.ready_q ;
  (* hierconn *) wire [Depth-1:0] \i_port.i_fifo.gen_bit[0].sr_q ;
  (* hierconn *) wire [Depth-1:0] \i_port.i_fifo.gen_bit[1].sr_q ;
  (* hierconn *) wire [Depth-1:0] \i_port.i_fifo.gen_bit[2].sr_q ;
  (* hierconn *) wire [Depth-1:0] \i_port.i_fifo.gen_bit[3].sr_q ;
  (* hierconn *) wire \i_launch.gen_period.busy_q ;
  (* hierconn *) wire [WaitBits-1:0] \i_launch.gen_period.wait_q ;
  wire [Depth-1:0] lasts = \i_port.i_fifo.gen_bit[0].sr_q ;
  wire [Depth-1:0] errs = \i_port.i_fifo.gen_bit[1].sr_q ;
  wire [Depth-1:0] step_ends = \i_port.i_fifo.gen_bit[2].sr_q ;
  wire [Depth-1:0] data = \i_port.i_fifo.gen_bit[3].sr_q ;
  wire [CreditBits-1:0] credit = \i_port.credit_q ;
  wire [BeatBits-1:0] beat = \i_port.beat_q ;
  wire [TapBits-1:0] tap = \i_port.i_fifo.tap_q ;
  wire busy = \i_launch.gen_period.busy_q ;
  wire [WaitBits-1:0] waits = \i_launch.gen_period.wait_q ;

  always_comb begin
    if (!started_q) assume (!rst_ni);
    if (started_q) begin
      if (\i_port.push ) a_no_overflow : assert (\i_port.fifo_ready );
      a_expected : assert (\i_port.push == expected);
      a_offered : assert (m_valid == (owed_q != '0));
      a_bounded : assert (owed_q <= CountBits'(Depth));
      if (tracking_q) a_inside : assert (before_q < owed_q);
      if (tracking_q && before_q == '0) begin
        a_value : assert (offer[1:0] == value_q[1:0]);
        if (!value_q[1]) a_data : assert (offer[2] == value_q[2]);
      end
      if (stalled_q) a_stable : assert (m_valid && offer == offer_q);
      if (launch) a_period : assert (since_q >= 4'(Period));
      if (under_way_q == '0 && left_q == '0 && owed_q == '0 && !reset_q) a_credit : assert (room);
    end
  end

  if (Induct == 1) begin : gen_induct
    localparam int AgeBits = 5;
    initial if (Period < Beats || Period > 15 || Latency + Beats > 15) $fatal(1, "shell_properties: out of range");
    logic [CountBits-1:0] held, place;
    logic [AgeBits-1:0] age, since;
    logic fills;  // the present step's beats go to the FIFO one by one
    logic [LeftBits-1:0] index;  // of an entry in its step
    assign place = owed_q - CountBits'(1) - before_q;
    assign age   = AgeBits'(Latency + Beats) - AgeBits'(left_q);  // cycles since the present step's launch
    assign since = AgeBits'(since_q);
    assign fills = left_q != '0 && !err_q && (LastOnly == 0 || last_q);
    always_comb begin
      // Steps that hold a credit: those in the pipeline and those whose last beat waits in the FIFO.
      held = CountBits'(left_q != '0);
      for (int i = 0; i < Latency; i++) held = held + CountBits'(under_way_q[i]);
      for (int i = 0; i < Depth; i++) if (owed_q > CountBits'(i)) held = held + CountBits'(step_ends[i]);
      index = fills ? LeftBits'(Beats - 1) - left_q : LeftBits'(Beats - 1);
      if (started_q) begin
        assert (CountBits'(credit) + held == CountBits'(Steps));
        assert (room == (credit != '0 && !reset_q));
        // The FIFO's control, and the followed beat in it.
        assert (CountBits'(tap) == (owed_q == '0 ? '0 : owed_q - CountBits'(1)));
        assert (\i_port.i_fifo.ready_q == (owed_q != CountBits'(Depth) && !reset_q));
        for (int i = 0; i < Depth; i++) begin
          if (tracking_q && place == CountBits'(i)) begin
            assert ({errs[i], lasts[i] && step_ends[i]} == value_q[1:0]);
            assert (data[i] == value_q[2]);
          end
          // From the newest entry to the oldest: an error step is one entry, any other has Beats of them in order.
          if (owed_q > CountBits'(i)) assert (step_ends[i] == (index == LeftBits'(Beats - 1)));
          index = (errs[i] || index == '0) ? LeftBits'(Beats - 1) : index - LeftBits'(1);
        end
        // Launches: the youngest is since_q cycles old, any two are Period cycles apart.
        assert (LeftBits'(beat) == ((left_q == '0) ? left_q : LeftBits'(Beats) - left_q));
        assert (left_q < LeftBits'(Beats));
        assert (since_q != '0);
        if (left_q != '0) assert (since <= age);
        for (int i = 0; i < Latency; i++) begin
          if (since == AgeBits'(i + 1)) assert (under_way_q[i]);
          if (under_way_q[i]) begin
            assert (since <= AgeBits'(i + 1));
            if (left_q != '0) assert (age >= AgeBits'(i + 1 + Period));
            for (int j = i + 1; j < Latency; j++) if (j - i < Period) assert (!under_way_q[j]);
          end
        end
        if (Period > 1) begin
          assert (busy == (since_q < 4'(Period)));
          if (busy) assert (4'(waits) == 4'(Period) - since_q);
        end
        if (reset_q) assert (owed_q == '0 && !tracking_q && under_way_q == '0 && left_q == '0 && since_q == 4'd15);
      end
    end
  end
endmodule
