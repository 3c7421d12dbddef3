// Decides whether a step starts from the initial state, for each stored context.
//
//   init_o = first_i && (restart_i || the context was never written since reset or since its last error step)
//   latency 0: init_o belongs to the step that launch_i launches in the same cycle. II 1.
//   The launch marks the context as written (unwritten for an error step): a later step of the context is launched late
//   enough to read what this one writes, the schedule sees to that.
module finngl_context #(
    parameter int Contexts = 1,  // stored contexts, >= 1
    localparam int CtxBits = (Contexts > 1) ? $clog2(Contexts) : 1
) (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic               launch_i,
    input  logic [CtxBits-1:0] ctx_i,      // not read if Contexts = 1
    input  logic               first_i,
    input  logic               restart_i,
    input  logic               err_i,
    output logic               init_o
);
  initial begin
    if (Contexts < 1) $fatal(1, "finngl_context: Contexts must be at least 1");
  end

  logic [Contexts-1:0] written_q;
  logic written;

  if (Contexts > 1) begin : gen_many
    assign written = written_q[ctx_i];
    always_ff @(posedge clk_i) begin
      if (!rst_ni) written_q <= '0;
      else begin
        for (int c = 0; c < Contexts; c++) if (launch_i && ctx_i == CtxBits'(c)) written_q[c] <= !err_i;
      end
    end
  end else begin : gen_one
    logic unused;
    assign unused  = ^ctx_i;
    assign written = written_q[0];
    always_ff @(posedge clk_i) begin
      if (!rst_ni) written_q <= '0;
      else if (launch_i) written_q <= !err_i;
    end
  end

  assign init_o = first_i && (restart_i || !written);
endmodule
