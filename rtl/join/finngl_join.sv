// Puts one step of each of N ready/valid streams behind one another, stream 0 first, as one step with one last.
//
//   latency 0, II 1. Each stream sends packets of one step, closed by s_last_i. m_valid_o never depends on m_ready_i.
// Errors: a step closed with s_err_i makes the joint step one: its beats are taken without being given from there on,
// up to the last stream's last one, which leaves with m_last_o and m_err_o, data undefined.
// Stall example, N = 2, a beat each: stream 1's beat is there, stream 0's is not: m_valid_o = 0 and stream 1 waits.
module finngl_join #(
    parameter int N     = 2,  // streams, >= 1
    parameter int Width = 8   // bits of a beat with its sideband, >= 1
) (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic [N*Width-1:0] s_data_i,  // stream k at [k*Width +: Width]
    input  logic [N-1:0]       s_last_i,
    input  logic [N-1:0]       s_err_i,
    input  logic [N-1:0]       s_valid_i,
    output logic [N-1:0]       s_ready_o,
    output logic [Width-1:0]   m_data_o,
    output logic               m_last_o,
    output logic               m_err_o,
    output logic               m_valid_o,
    input  logic               m_ready_i
);
  localparam int SelBits = (N > 1) ? $clog2(N) : 1;

  initial begin
    if (N < 1 || Width < 1) $fatal(1, "finngl_join: parameter out of range");
  end

  logic [SelBits-1:0] sel_q;  // the stream whose turn it is
  logic               err_q;  // one before has closed with an error
  logic               final_stream, step_end, err, hide;

  assign final_stream = sel_q == SelBits'(N - 1);
  assign step_end     = s_last_i[sel_q] || s_err_i[sel_q];
  assign err          = err_q || s_err_i[sel_q];
  assign hide         = err && !(final_stream && step_end);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      sel_q <= '0;
      err_q <= 1'b0;
    end else if (s_valid_i[sel_q] && s_ready_o[sel_q] && step_end) begin
      sel_q <= final_stream ? '0 : sel_q + SelBits'(1);
      err_q <= err && !final_stream;
    end
  end

  always_comb begin
    m_data_o = s_data_i[Width-1:0];
    for (int k = 1; k < N; k++) if (sel_q == SelBits'(k)) m_data_o = s_data_i[k*Width+:Width];
    s_ready_o        = '0;
    s_ready_o[sel_q] = hide || m_ready_i;
  end
  assign m_last_o  = final_stream && step_end;
  assign m_err_o   = err;
  assign m_valid_o = s_valid_i[sel_q] && !hide;

`ifdef FINNGL_ASSERT
  a_stable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_valid_o && !m_ready_i |=>
                   m_valid_o && $stable({m_data_o, m_err_o, m_last_o}));
`endif
endmodule
