// Decides whether a step starts from the initial state, and in which bank that state is, for each stored context.
//
//   init_o = first_i && (restart_i || the context was never written since reset or since its last error step)
//   lost_o = !first_i && the context's step before was an error, which has left no state to go on with
//   bank_o: the bank that the step reads; it writes the other one, which the context's next step reads
//   latency 0: init_o, lost_o, bank_o belong to the step that launch_i launches in the same cycle. II 1.
//   The launch marks the context as written (unwritten for an error step): a later step of the context is launched late
//   enough to read what this one writes, the schedule sees to that.
// With several contexts nothing may be launched for Contexts cycles after reset (finngl_flags); the input buffers, which
// clear flags of their own in the same cycles, see to that.
module finngl_context #(
    parameter int Contexts = 1,  // stored contexts, >= 1
    parameter bit Lost     = 0,  // 1: lost_o is made, else 0
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
endmodule
