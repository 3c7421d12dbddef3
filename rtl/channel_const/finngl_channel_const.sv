// Constant of the current channel: a small memory read by a beat counter.
//   const_o = mem[channel], channel = number of next_i pulses since reset, modulo Channels
// Latency: 0, const_o belongs to the beat of this cycle; users register it. With Channels = 1 it is Value and no file.
// Image: word ch is the constant of channel ch, Width bits.
module finngl_channel_const #(
  parameter int               Channels = 1, // beats of a step, >= 1
  parameter int               Width    = 8, // >= 1; at most 64 for a Value
  parameter                   File     = "",
  parameter            [63:0] Value    = 0
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             next_i,
  output logic [Width-1:0] const_o
);
  initial begin
    if (Channels < 1 || Width < 1 || (Channels == 1 && Width > 64))
      $fatal(1, "finngl_channel_const: Channels or Width out of range");
  end

  if (Channels == 1) begin : gen_value
    assign const_o = Value[Width-1:0];
    logic unused_clock;
    assign unused_clock = &{1'b0, clk_i, rst_ni, next_i};
  end else begin : gen_memory
    localparam int AddrW = $clog2(Channels);
    logic [Width-1:0] mem [Channels];
    initial if (File != "") $readmemh(File, mem);
    logic [AddrW-1:0] channel_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) channel_q <= '0;
      else if (next_i) channel_q <= channel_q == AddrW'(Channels - 1) ? '0 : channel_q + AddrW'(1);
    end
    assign const_o = mem[channel_q];
  end
endmodule
