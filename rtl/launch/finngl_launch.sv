// Launches a region's steps: every input complete, every output with room, Period cycles since the last launch, no step
// of the same context in the loop.
//
//   launch_o = &full_i && &room_i && &(first_full_i | ~first_i) && (Period cycles are over) && free
//   free: no launch of ctx_i in the last Loop cycles, and fewer than InFlight launches in them. InFlight = 1: always, as
//   every launch is Period cycles, then the whole loop, after the last one.
//   latency 0: launch_o answers in the cycle in which the last condition becomes true. full_i, first_full_i, first_i
//   and room_i come from registers and must tell of the next step one cycle after a launch.
//   II: a launch in cycle n allows the next in cycle n + Period, the context's next in cycle n + Loop.
// Stall example, Period 4, Loop 10, InFlight 2, everything there: contexts 0, 1, 1, 0 are launched in cycles 0, 4, 14, 18.
module finngl_launch #(
    parameter int NIn    = 1,  // inputs of every step, >= 1
    parameter int NFirst = 0,  // inputs that some first steps of packets need (initial states), >= 0
    parameter int NOut   = 1,  // outputs, >= 0
    parameter int Period = 1,  // least distance of two launches in cycles, >= 1
    parameter int InFlight = 1,  // steps in the loop at once, >= 1
    parameter int Loop     = 1,  // least distance of two launches of a context, >= Period if InFlight > 1
    parameter int CtxBits  = 1,  // bits of a context, >= 1
    localparam int FirstWidth = (NFirst > 0) ? NFirst : 1,
    localparam int OutWidth   = (NOut > 0) ? NOut : 1
) (
    input  logic                  clk_i,
    input  logic                  rst_ni,
    input  logic [NIn-1:0]        full_i,
    input  logic [CtxBits-1:0]    ctx_i,         // of the step to be launched; not read if InFlight = 1
    input  logic [FirstWidth-1:0] first_i,       // which of them the step to be launched needs; not read if NFirst = 0
    input  logic [FirstWidth-1:0] first_full_i,  // not read if NFirst = 0
    input  logic [OutWidth-1:0]   room_i,        // not read if NOut = 0
    output logic                  launch_o
);
  localparam int CountBits = (Period > 1) ? $clog2(Period) : 1;

  initial begin
    if (InFlight < 1 || CtxBits < 1 || (InFlight > 1 && Loop < Period)) $fatal(1, "finngl_launch: InFlight or Loop");
    if (NIn < 1 || NFirst < 0 || NOut < 0 || Period < 1) $fatal(1, "finngl_launch: parameter out of range");
  end

  logic first_ok, room_ok, period_over, loop_free;

  if (NFirst > 0) begin : gen_first
    assign first_ok = &(first_full_i | ~first_i);
  end else begin : gen_no_first
    logic unused;
    assign unused   = ^{first_i, first_full_i};
    assign first_ok = 1'b1;
  end
  if (NOut > 0) begin : gen_out
    assign room_ok = &room_i;
  end else begin : gen_no_out
    logic unused;
    assign unused  = ^room_i;
    assign room_ok = 1'b1;
  end
  // busy_q lasts from the launch to the end of the period; wait_q counts what is left.
  if (Period > 1) begin : gen_period
    logic [CountBits-1:0] wait_q;
    logic busy_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        wait_q <= '0;
        busy_q <= 1'b0;
      end else if (launch_o) begin
        wait_q <= CountBits'(Period - 1);
        busy_q <= 1'b1;
      end else if (busy_q) begin
        wait_q <= wait_q - CountBits'(1);
        busy_q <= wait_q != CountBits'(1);
      end
    end
    assign period_over = !busy_q;
  end else begin : gen_always
    logic unused;
    assign unused      = ^{clk_i, rst_ni};
    assign period_over = 1'b1;
  end

  // The contexts in the loop, oldest first, with the time of their launch: they leave in order, Loop cycles later.
  if (InFlight > 1) begin : gen_loop
    localparam int TimeBits = (Loop > 1) ? $clog2(Loop) : 1;
    localparam int UsedBits = $clog2(InFlight + 1);
    logic [CtxBits-1:0]  ctx_q[InFlight];
    logic [TimeBits-1:0] time_q[InFlight];
    logic [TimeBits-1:0] now_q;
    logic [UsedBits-1:0] used_q, left;
    logic                leave, same;
    assign leave = used_q != '0 && now_q - time_q[0] == TimeBits'(Loop - 1);
    assign left  = used_q - UsedBits'(leave);
    always_comb begin
      same = 1'b0;
      for (int i = 0; i < InFlight; i++) if (UsedBits'(i) < used_q && ctx_q[i] == ctx_i) same = 1'b1;
    end
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        used_q <= '0;
        now_q  <= '0;
      end else begin
        used_q <= left + UsedBits'(launch_o);
        now_q  <= now_q + TimeBits'(1);
      end
    end
    always_ff @(posedge clk_i) begin
      for (int i = 0; i < InFlight; i++) begin
        if (launch_o && left == UsedBits'(i)) begin
          ctx_q[i]  <= ctx_i;
          time_q[i] <= now_q;
        end else if (leave && i + 1 < InFlight) begin
          ctx_q[i]  <= ctx_q[(i+1)%InFlight];
          time_q[i] <= time_q[(i+1)%InFlight];
        end
      end
    end
    assign loop_free = used_q != UsedBits'(InFlight) && !same;
  end else begin : gen_no_loop
    logic unused;
    assign unused    = ^ctx_i;
    assign loop_free = 1'b1;
  end

  assign launch_o = (&full_i) && first_ok && room_ok && period_over && loop_free;
endmodule
