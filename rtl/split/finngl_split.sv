// Cuts each step of a ready/valid stream into N steps: output k gets the next beats[k] beats. Data and sideband are wires
// beside it; last_o and err_o belong to whichever output is valid.
//
//   latency 0, II 1. s_last_i with the step's last beat is its packet's end; an output's last beat always has m_last_o.
//   m_valid_o never depends on m_ready_i.
// Errors: s_last_i before the step's last beat is a frame error. The beat goes to the present output and to each one
// after it, one a cycle, with m_last_o and m_err_o, data undefined, and is taken with the last; frame_error_o pulses then.
// So every output gives one step for each packet. A beat with s_err_i, reported upstream, does the same without the pulse.
// Stall example, beats 2 and 1: output 0 takes beats 0 and 1, output 1 is not ready: beat 2 waits, s_ready_o = 0.
module finngl_split #(
    parameter int N        = 2,   // outputs, >= 1
    parameter int SizeBits = 16,  // bits of one size in Sizes
    parameter bit [N*SizeBits-1:0] Sizes = '1  // beats of output k at [k*SizeBits +: SizeBits], each >= 1
) (
    input  logic         clk_i,
    input  logic         rst_ni,
    input  logic         s_last_i,
    input  logic         s_err_i,
    input  logic         s_valid_i,
    output logic         s_ready_o,
    output logic         frame_error_o,
    output logic [N-1:0] m_valid_o,
    output logic         m_last_o,
    output logic         m_err_o,
    input  logic [N-1:0] m_ready_i
);
  localparam int SelBits = (N > 1) ? $clog2(N) : 1;

  initial begin
    if (N < 1 || SizeBits < 1) $fatal(1, "finngl_split: parameter out of range");
  end

  logic [SelBits-1:0]  sel_q;   // output of the present beat
  logic [SizeBits-1:0] beat_q;  // of that output
  logic                err_q;   // the outputs before have closed with an error
  logic [SizeBits-1:0] size;
  logic                final_output, part_end, err, give;

  always_comb begin
    size = Sizes[SizeBits-1:0];
    for (int k = 1; k < N; k++) if (sel_q == SelBits'(k)) size = Sizes[k*SizeBits+:SizeBits];
  end
  assign final_output = sel_q == SelBits'(N - 1);
  assign part_end     = beat_q == size - SizeBits'(1);
  assign err          = err_q || s_err_i || (s_last_i && !(final_output && part_end));
  assign give         = s_valid_i && m_ready_i[sel_q];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      sel_q  <= '0;
      beat_q <= '0;
      err_q  <= 1'b0;
    end else if (give) begin
      if (err || part_end) begin
        sel_q  <= final_output ? '0 : sel_q + SelBits'(1);
        beat_q <= '0;
        err_q  <= err && !final_output;
      end else begin
        beat_q <= beat_q + SizeBits'(1);
      end
    end
  end

  always_comb begin
    m_valid_o        = '0;
    m_valid_o[sel_q] = s_valid_i;
  end
  assign m_last_o      = err || part_end;
  assign m_err_o       = err;
  assign s_ready_o     = m_ready_i[sel_q] && (!err || final_output);
  assign frame_error_o = give && err && final_output && !s_err_i;
endmodule
