// An AXI4-Stream input port: drops packets of contexts that do not exist.
//   A beat with TDEST >= Contexts is taken and dropped; bad_context_o pulses with its TLAST.
// Latency: 0, combinational; tready depends on tdest and tvalid of the same cycle only.
module finngl_axis_in #(
    parameter int Contexts = 1,  // stored contexts, 1 to 2^DestBits - 1
    parameter int DestBits = 1
) (
    input  logic                s_tvalid_i,
    output logic                s_tready_o,
    input  logic                s_tlast_i,
    input  logic [DestBits-1:0] s_tdest_i,
    output logic                m_valid_o,
    input  logic                m_ready_i,
    output logic                bad_context_o
);
  initial begin
    if (Contexts < 1 || Contexts >= 2 ** DestBits) $fatal(1, "finngl_axis_in: Contexts out of range");
  end
  logic bad;
  assign bad           = s_tdest_i >= DestBits'(Contexts);
  assign m_valid_o     = s_tvalid_i && !bad;
  assign s_tready_o    = bad ? s_tvalid_i : m_ready_i;
  assign bad_context_o = s_tvalid_i && bad && s_tlast_i;
endmodule
