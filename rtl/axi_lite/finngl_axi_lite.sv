// AXI4-Lite slave with version, model hash, status, sticky errors and counters. Nothing of it is in the data path.
//
//   0x00 "FNGL" (bytes in address order)   0x04 version   0x08 hash[31:0]   0x0C hash[63:32]   0x10 status, bit 0 busy
//   0x14 errors: bit 0 frame_error, bit 1 bad_context, bit 2 overrun; sticky, writing 1 clears (an error in the same
//   cycle wins)   0x20 + 4*i counter i, wraps (0 steps launched, 1 packets done)
// Other addresses read 0, other writes have no effect; the response is always OKAY. One read and one write at a time:
// read data 1 cycle after the address, a write takes effect when address and data have both arrived (any order).
module finngl_axi_lite #(
    parameter bit [31:0] Version = 0,
    parameter bit [63:0] Hash    = 0,  // of the model
    parameter int        NCount  = 2   // counters, 1 to 56
) (
    input  logic              clk_i,
    input  logic              rst_ni,
    input  logic              busy_i,
    input  logic [2:0]        error_i,  // {overrun, bad_context, frame_error}, pulses
    input  logic [NCount-1:0] count_i,  // pulses
    input  logic [7:0]        s_axi_awaddr_i,
    input  logic              s_axi_awvalid_i,
    output logic              s_axi_awready_o,
    input  logic [31:0]       s_axi_wdata_i,
    input  logic [3:0]        s_axi_wstrb_i,
    input  logic              s_axi_wvalid_i,
    output logic              s_axi_wready_o,
    output logic [1:0]        s_axi_bresp_o,
    output logic              s_axi_bvalid_o,
    input  logic              s_axi_bready_i,
    input  logic [7:0]        s_axi_araddr_i,
    input  logic              s_axi_arvalid_i,
    output logic              s_axi_arready_o,
    output logic [31:0]       s_axi_rdata_o,
    output logic [1:0]        s_axi_rresp_o,
    output logic              s_axi_rvalid_o,
    input  logic              s_axi_rready_i
);
  localparam bit [31:0] Magic = 32'h4C474E46;  // "FNGL", byte 0 = 'F'
  localparam int ErrorWord = 5;
  localparam int CountWord = 8;

  initial begin
    if (NCount < 1 || NCount > 56) $fatal(1, "finngl_axi_lite: NCount out of range");
  end

  logic [2:0]  error_q, error_clear;
  logic [5:0]  aw_word_q;
  logic [2:0]  w_bits_q;  // the bits of a write that any register has
  logic        aw_full_q, w_full_q, bvalid_q, rvalid_q, do_write, ready_q;
  logic [31:0] rdata_q, rdata_d;
  logic [32*NCount-1:0] count;

  for (genvar i = 0; i < NCount; i++) begin : gen_count
    logic [31:0] count_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) count_q <= '0;
      else if (count_i[i]) count_q <= count_q + 32'd1;
    end
    assign count[i*32+:32] = count_q;
  end

  // Write channel: address and data wait for each other, then for the previous response.
  assign do_write        = aw_full_q && w_full_q && !bvalid_q;
  assign error_clear     = (do_write && aw_word_q == 6'(ErrorWord)) ? w_bits_q : 3'b000;
  assign s_axi_awready_o = ready_q && !aw_full_q;
  assign s_axi_wready_o  = ready_q && !w_full_q;
  assign s_axi_bresp_o   = 2'b00;
  assign s_axi_bvalid_o  = bvalid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ready_q   <= 1'b0;
      aw_full_q <= 1'b0;
      w_full_q  <= 1'b0;
      bvalid_q  <= 1'b0;
      error_q   <= '0;
    end else begin
      ready_q <= 1'b1;
      if (do_write) aw_full_q <= 1'b0;
      else if (s_axi_awvalid_i && s_axi_awready_o) aw_full_q <= 1'b1;
      if (do_write) w_full_q <= 1'b0;
      else if (s_axi_wvalid_i && s_axi_wready_o) w_full_q <= 1'b1;
      if (do_write) bvalid_q <= 1'b1;
      else if (s_axi_bready_i) bvalid_q <= 1'b0;
      error_q <= (error_q & ~error_clear) | error_i;
    end
  end
  always_ff @(posedge clk_i) begin
    if (s_axi_awvalid_i && s_axi_awready_o) aw_word_q <= s_axi_awaddr_i[7:2];
    if (s_axi_wvalid_i && s_axi_wready_o) w_bits_q <= s_axi_wstrb_i[0] ? s_axi_wdata_i[2:0] : 3'b000;
  end

  // Read channel.
  always_comb begin
    rdata_d = '0;
    unique case (s_axi_araddr_i[7:2])
      6'd0: rdata_d = Magic;
      6'd1: rdata_d = Version;
      6'd2: rdata_d = Hash[31:0];
      6'd3: rdata_d = Hash[63:32];
      6'd4: rdata_d = 32'(busy_i);
      6'd5: rdata_d = 32'(error_q);
      default: begin
        for (int i = 0; i < NCount; i++) if (s_axi_araddr_i[7:2] == 6'(CountWord + i)) rdata_d = count[i*32+:32];
      end
    endcase
  end
  assign s_axi_arready_o = ready_q && !rvalid_q;
  assign s_axi_rdata_o   = rdata_q;
  assign s_axi_rresp_o   = 2'b00;
  assign s_axi_rvalid_o  = rvalid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) rvalid_q <= 1'b0;
    else if (s_axi_arvalid_i && s_axi_arready_o) rvalid_q <= 1'b1;
    else if (s_axi_rready_i) rvalid_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (s_axi_arvalid_i && s_axi_arready_o) rdata_q <= rdata_d;
  end

  // Byte offsets and the bits that no register has.
  logic unused;
  assign unused = ^{s_axi_awaddr_i[1:0], s_axi_araddr_i[1:0], s_axi_wdata_i[31:3], s_axi_wstrb_i[3:1]};

`ifdef FINNGL_ASSERT
  a_read_stable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   rvalid_q && !s_axi_rready_i |=> rvalid_q && $stable(rdata_q));
  a_write_stable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) bvalid_q && !s_axi_bready_i |=> bvalid_q);
`endif
endmodule
