// Decides whether a step starts from the initial state, and in which bank that state is, for each stored context.
//
//   init_o = first_i && (restart_i || the context was never written since reset or since its last error step)
//   lost_o = !first_i && the context's step before was an error, which has left no state to go on with
//   bank_o: the bank that the step reads; it writes the other one, which the context's next step reads
//   latency 0: init_o, lost_o, bank_o belong to the step that launch_i launches in the same cycle. II 1.
//   The launch marks the context as written (unwritten for an error step): a later step of the context is launched late
//   enough to read what this one writes, the schedule sees to that.
// Stepwise = 1: first_i and restart_i are the step's own restart bit (finngl_slide), so no mark is needed: init_o is both of
// them, lost_o = 0, and nothing has to be cleared, since a context's first step reads neither bank.
// With several contexts and Stepwise = 0 nothing may be launched for Contexts cycles after reset (finngl_flags); the input buffers, which
// clear flags of their own in the same cycles, see to that.
module finngl_context #(
    parameter int Contexts = 1,  // stored contexts, >= 1
    parameter bit Lost     = 0,  // 1: lost_o is made, else 0
    parameter bit Stepwise = 0,
    localparam int CtxBits = (Contexts > 1) ? $clog2(Contexts) : 1
) (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic               launch_i,
    input  logic [CtxBits-1:0] ctx_i,      // not read if Contexts = 1
    input  logic               first_i,
    input  logic               restart_i,
    input  logic               err_i,
    output logic               init_o,
    output logic               lost_o,
    output logic               bank_o
);
  initial begin
    if (Contexts < 1) $fatal(1, "finngl_context: Contexts must be at least 1");
  end

  if (Stepwise) begin : gen_stepwise
    (* ram_style = "distributed" *) logic bank_q[Contexts];
    logic [CtxBits-1:0] ctx;
    logic unused;
    assign ctx = (Contexts > 1) ? ctx_i : '0;
    initial for (int c = 0; c < Contexts; c++) bank_q[c] = 1'b0;
    always_ff @(posedge clk_i) if (launch_i) bank_q[ctx] <= !bank_o;
    assign bank_o = bank_q[ctx];
    assign init_o = first_i && restart_i;
    assign lost_o = 1'b0;
    assign unused = ^{rst_ni, err_i, ctx_i};
  end else begin : gen_packets
    logic written, ready, unused;
    finngl_flags #(
        .Contexts(Contexts),
        .Width   (2)
    ) i_flags (
        .clk_i,
        .rst_ni,
        .ctx_i,
        .flags_o({written, bank_o}),
        .write_i(launch_i),
        .flags_i({!err_i, !bank_o}),
        .ready_o(ready)
    );
    assign unused = ready;
    assign init_o = first_i && (restart_i || !written);
    assign lost_o = Lost && !first_i && !written;

`ifdef FINNGL_ASSERT
    a_ready :
    assert property (@(posedge clk_i) disable iff (!rst_ni) launch_i |-> ready);
`endif
  end
endmodule
