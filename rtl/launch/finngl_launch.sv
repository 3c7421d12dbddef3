// Launches a region's steps: every input complete, every output with room, Period cycles since the last launch.
//
//   launch_o = &full_i && &room_i && (!first_i || &first_full_i) && (Period cycles are over)
//   latency 0: launch_o answers in the cycle in which the last condition becomes true. full_i, first_full_i, first_i
//   and room_i come from registers and must tell of the next step one cycle after a launch.
//   II: a launch in cycle n allows the next in cycle n + Period.
module finngl_launch #(
    parameter int NIn    = 1,  // inputs of every step, >= 1
    parameter int NFirst = 0,  // inputs needed by steps with first only (initial states), >= 0
    parameter int NOut   = 1,  // outputs, >= 0
    parameter int Period = 1,  // least distance of two launches in cycles, >= 1
    localparam int FirstWidth = (NFirst > 0) ? NFirst : 1,
    localparam int OutWidth   = (NOut > 0) ? NOut : 1
) (
    input  logic                  clk_i,
    input  logic                  rst_ni,
    input  logic [NIn-1:0]        full_i,
    input  logic                  first_i,       // the step to be launched is its packet's first
    input  logic [FirstWidth-1:0] first_full_i,  // not read if NFirst = 0
    input  logic [OutWidth-1:0]   room_i,        // not read if NOut = 0
    output logic                  launch_o
);
  localparam int CountBits = (Period > 1) ? $clog2(Period) : 1;

  initial begin
    if (NIn < 1 || NFirst < 0 || NOut < 0 || Period < 1) $fatal(1, "finngl_launch: parameter out of range");
  end

  logic first_ok, room_ok, period_over;

  if (NFirst > 0) begin : gen_first
    assign first_ok = !first_i || (&first_full_i);
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

  assign launch_o = (&full_i) && first_ok && room_ok && period_over;
endmodule
