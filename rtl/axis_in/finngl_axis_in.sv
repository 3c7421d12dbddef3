// An AXI4-Stream input port: drops packets of contexts that do not exist, closes steps in which the context changes.
//   A beat with TDEST >= Contexts is taken and dropped; bad_context_o pulses with its TLAST.
//   Contexts interleave at step borders only. A beat of another context inside a step is given as a beat of the step's
//   context with m_err_o, which drops the step and the rest of its packet's answer; frame_error_o pulses as it is taken.
// Latency: 0, combinational; tready depends on tdest and tvalid of the same cycle only.
module finngl_axis_in #(
    parameter int Contexts = 1,  // stored contexts, 1 to 2^DestBits - 1
    parameter int DestBits = 1,
    parameter int Beats    = 1,  // beats of a step, >= 1
    localparam int CtxBits = (Contexts > 1) ? $clog2(Contexts) : 1
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                s_tvalid_i,
    output logic                s_tready_o,
    input  logic                s_tlast_i,
    input  logic [DestBits-1:0] s_tdest_i,
    output logic                m_valid_o,
    output logic [CtxBits-1:0]  m_ctx_o,
    output logic                m_err_o,
    input  logic                m_ready_i,
    output logic                bad_context_o,
    output logic                frame_error_o
);
  initial begin
    if (Contexts < 1 || Contexts >= 2 ** DestBits || Beats < 1) $fatal(1, "finngl_axis_in: parameter out of range");
  end
  logic bad;
  assign bad           = s_tdest_i >= DestBits'(Contexts);
  assign m_valid_o     = s_tvalid_i && !bad;
  assign s_tready_o    = bad ? s_tvalid_i : m_ready_i;
  assign bad_context_o = s_tvalid_i && bad && s_tlast_i;

  if (Contexts > 1 && Beats > 1) begin : gen_steps
    localparam int BeatBits = $clog2(Beats);
    logic [BeatBits-1:0] beat_q;
    logic [CtxBits-1:0]  ctx_q;
    logic                take;
    assign take          = m_valid_o && m_ready_i;
    assign m_err_o       = beat_q != '0 && s_tdest_i != DestBits'(ctx_q);
    assign m_ctx_o       = m_err_o ? ctx_q : s_tdest_i[CtxBits-1:0];
    assign frame_error_o = take && m_err_o;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) beat_q <= '0;
      else if (take) beat_q <= (m_err_o || s_tlast_i || beat_q == BeatBits'(Beats - 1)) ? '0 : beat_q + BeatBits'(1);
    end
    always_ff @(posedge clk_i) if (take) ctx_q <= m_ctx_o;
  end else begin : gen_no_steps
    logic unused;
    assign unused        = ^{clk_i, rst_ni};
    assign m_err_o       = 1'b0;
    assign m_ctx_o       = (Contexts > 1) ? s_tdest_i[CtxBits-1:0] : '0;
    assign frame_error_o = 1'b0;
  end
endmodule
