// Ready/valid width converter: InElems elements a beat to OutElems elements a beat, first element at bit 0.
//
//   wider (OutElems = R * InElems): latency 1 from the group's last beat; one input beat a cycle; s_ready_o comes from
//     registers only. narrower (InElems = R * OutElems): latency 1, one output beat a cycle; s_ready_o depends on
//     m_ready_i while the last part is offered, so that no cycle is lost. Equal: wires.
// Sideband: a wider beat has the user bits of its group's first beat, a narrower one those of its input beat, so a
// step's first beat keeps its bits. last and err go with the final output beat that the input beat belongs to.
// Errors: last inside a group (wider) cannot be expressed; the group leaves one cycle later, padded with undefined data,
// with m_last_o and m_err_o, and frame_error_o pulses. An input beat with err (it has last) leaves as one beat with both.
// Stall example (wider, R = 2): the output register holds a group and m_ready_i = 0; one more beat is taken, the beat
// that would complete the next group waits with s_ready_o = 0.
module finngl_dwc #(
    parameter int InElems  = 1,  // elements of an input beat, >= 1
    parameter int OutElems = 2,  // elements of an output beat, >= 1; one divides the other
    parameter int ElemBits = 8,  // bits of an element, >= 1
    parameter int UserBits = 1   // sideband bits, >= 1
) (
    input  logic                         clk_i,
    input  logic                         rst_ni,
    input  logic [InElems*ElemBits-1:0]  s_data_i,
    input  logic [UserBits-1:0]          s_user_i,
    input  logic                         s_last_i,
    input  logic                         s_err_i,
    input  logic                         s_valid_i,
    output logic                         s_ready_o,
    output logic                         frame_error_o,
    output logic [OutElems*ElemBits-1:0] m_data_o,
    output logic [UserBits-1:0]          m_user_o,
    output logic                         m_last_o,
    output logic                         m_err_o,
    output logic                         m_valid_o,
    input  logic                         m_ready_i
);
  localparam int InW  = InElems * ElemBits;
  localparam int OutW = OutElems * ElemBits;

  initial begin
    if (InElems < 1 || OutElems < 1 || ElemBits < 1 || UserBits < 1) $fatal(1, "finngl_dwc: parameter out of range");
    if (InElems % OutElems != 0 && OutElems % InElems != 0) $fatal(1, "finngl_dwc: one width must divide the other");
  end

  if (OutElems > InElems) begin : gen_wider
    localparam int Ratio = OutElems / InElems;
    localparam int CountBits = $clog2(Ratio);
    logic [CountBits-1:0] count_q;
    logic [OutW-InW-1:0]  part_q;  // the group's earlier beats
    logic [OutW-1:0]      data_q;
    logic [UserBits-1:0]  part_user_q, user_q;
    logic                 last_q, err_q, valid_q, flush_q, frame_error_q;
    logic                 group_end, take, early, close;

    assign group_end = count_q == CountBits'(Ratio - 1);
    assign s_ready_o = !flush_q && !(valid_q && group_end);
    assign take      = s_valid_i && s_ready_o;
    assign early     = take && !group_end && (s_last_i || s_err_i);  // flushed when the output register is free
    assign close     = (take && group_end) || (flush_q && !valid_q);

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        count_q       <= '0;
        valid_q       <= 1'b0;
        flush_q       <= 1'b0;
        frame_error_q <= 1'b0;
      end else begin
        if (take) count_q <= (group_end || early) ? '0 : count_q + CountBits'(1);
        if (close) valid_q <= 1'b1;
        else if (m_ready_i) valid_q <= 1'b0;
        if (early) flush_q <= 1'b1;
        else if (close) flush_q <= 1'b0;
        frame_error_q <= early && !s_err_i;
      end
    end
    always_ff @(posedge clk_i) begin
      for (int i = 0; i < Ratio - 1; i++) if (take && count_q == CountBits'(i)) part_q[i*InW+:InW] <= s_data_i;
      if (take && count_q == '0) part_user_q <= s_user_i;
      if (close) begin
        data_q <= {s_data_i, part_q};
        user_q <= part_user_q;
        last_q <= s_last_i || s_err_i || flush_q;
        err_q  <= s_err_i || flush_q;
      end
    end

    assign m_data_o      = data_q;
    assign m_user_o      = user_q;
    assign m_last_o      = last_q;
    assign m_err_o       = err_q;
    assign m_valid_o     = valid_q;
    assign frame_error_o = frame_error_q;
  end else if (OutElems < InElems) begin : gen_narrower
    localparam int Ratio = InElems / OutElems;
    localparam int CountBits = $clog2(Ratio);
    logic [CountBits-1:0] part_q;  // part offered
    logic                 final_part;
    logic [InW-1:0]       data_q;
    logic [UserBits-1:0]  user_q;
    logic                 last_q, err_q, valid_q;
    logic                 take;

    assign final_part = err_q || part_q == CountBits'(Ratio - 1);
    assign s_ready_o  = !valid_q || (m_ready_i && final_part);
    assign take       = s_valid_i && s_ready_o;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        valid_q <= 1'b0;
        part_q  <= '0;
      end else if (take) begin
        valid_q <= 1'b1;
        part_q  <= '0;
      end else if (valid_q && m_ready_i) begin
        if (final_part) valid_q <= 1'b0;
        else part_q <= part_q + CountBits'(1);
      end
    end
    always_ff @(posedge clk_i) begin
      if (take) begin
        data_q <= s_data_i;
        user_q <= s_user_i;
        last_q <= s_last_i || s_err_i;
        err_q  <= s_err_i;
      end
    end
    always_comb begin
      m_data_o = data_q[OutW-1:0];
      for (int i = 1; i < Ratio; i++) if (part_q == CountBits'(i)) m_data_o = data_q[i*OutW+:OutW];
    end

    assign m_user_o      = user_q;
    assign m_last_o      = last_q && final_part;
    assign m_err_o       = err_q;
    assign m_valid_o     = valid_q;
    assign frame_error_o = 1'b0;
  end else begin : gen_wires
    logic unused;
    assign unused        = ^{clk_i, rst_ni};
    assign m_data_o      = s_data_i;
    assign m_user_o      = s_user_i;
    assign m_last_o      = s_last_i || s_err_i;
    assign m_err_o       = s_err_i;
    assign m_valid_o     = s_valid_i;
    assign s_ready_o     = m_ready_i;
    assign frame_error_o = 1'b0;
  end

`ifdef FINNGL_ASSERT
  if (OutElems != InElems) begin : gen_assert
    a_stable :
    assert property (@(posedge clk_i) disable iff (!rst_ni) m_valid_o && !m_ready_i |=>
                     m_valid_o && $stable({m_data_o, m_user_o, m_err_o, m_last_o}));
  end
`endif
endmodule
