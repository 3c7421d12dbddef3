// Counts the thresholds that a value reaches, with thresholds of each channel's own: a binary search in a pipeline.
//   data_o = Bias + #{ j : a >= T[ch][j] },   T[ch] ascending, 2^Levels - 1 of them (never reached ones: the largest code)
// Stage s compares with one threshold of its own memory, chosen by channel and by the s bits decided so far, and decides
// one more bit. For lists that no segment table holds for all channels (scales per channel).
// Latency: Levels cycles, initiation interval 1. The channel is counted by the beats, wrapping after Channels.
// Image of stage s (File<s>): word (ch << s) + prefix is T[ch][2^(Levels-1-s) * (2*prefix + 1) - 1], TWidth bits, signed.
module finngl_threshold_search #(
  parameter int           InWidth  = 19, // bits of a, >= 1
  parameter bit           InSigned = 1,
  parameter int           TWidth   = 20, // bits of a threshold, signed; InWidth + 1 hold any that matters
  parameter int           Levels   = 6,  // bits of the count, 1 to 10
  parameter int           Channels = 1,  // beats of a step, >= 1
  parameter signed [63:0] Bias     = 0,
  parameter int           OutWidth = 6,  // >= 1; the low bits of Bias + count
  parameter               File0    = "",
  parameter               File1    = "",
  parameter               File2    = "",
  parameter               File3    = "",
  parameter               File4    = "",
  parameter               File5    = "",
  parameter               File6    = "",
  parameter               File7    = "",
  parameter               File8    = "",
  parameter               File9    = ""
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                valid_i,
  input  logic [InWidth-1:0]  data_i,
  output logic                valid_o,
  output logic [OutWidth-1:0] data_o
);
  localparam int ChW = Channels > 1 ? $clog2(Channels) : 1;
  localparam int CW  = TWidth > InWidth ? TWidth : InWidth + 1; // of the comparison

  initial begin
    if (InWidth < 1 || TWidth < 1 || Levels < 1 || Levels > 10 || Channels < 1 || OutWidth < 1)
      $fatal(1, "finngl_threshold_search: parameter out of range");
  end

  logic [ChW-1:0] channel_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) channel_q <= '0;
    else if (valid_i) channel_q <= channel_q == ChW'(Channels - 1) ? '0 : channel_q + ChW'(1);
  end

  // Stage s sees the value and the bits decided before it.
  for (genvar s = 0; s < Levels; s++) begin : gen_stage
    localparam int Words = Channels * (1 << s);
    localparam int AddrW = Words > 1 ? $clog2(Words) : 1;
    logic [TWidth-1:0]    mem [Words];
    logic [AddrW-1:0]     addr;
    logic [InWidth-1:0]   a, a_q;
    logic [ChW-1:0]       channel, channel_s_q;
    logic [Levels-1:0]    prefix, prefix_q; // bits decided so far, in the low s bits
    logic signed [CW-1:0] value, threshold;
    logic                 valid, valid_q, reached;
    if (s == 0) begin : gen_first
      assign a       = data_i;
      assign channel = channel_q;
      assign prefix  = '0;
      assign valid   = valid_i;
      initial if (File0 != "") $readmemh(File0, mem);
    end else begin : gen_next
      assign a       = gen_stage[s-1].a_q;
      assign channel = gen_stage[s-1].channel_s_q;
      assign prefix  = gen_stage[s-1].prefix_q;
      assign valid   = gen_stage[s-1].valid_q;
    end
    if (s == 1) begin : gen_file
      initial if (File1 != "") $readmemh(File1, mem);
    end else if (s == 2) begin : gen_file
      initial if (File2 != "") $readmemh(File2, mem);
    end else if (s == 3) begin : gen_file
      initial if (File3 != "") $readmemh(File3, mem);
    end else if (s == 4) begin : gen_file
      initial if (File4 != "") $readmemh(File4, mem);
    end else if (s == 5) begin : gen_file
      initial if (File5 != "") $readmemh(File5, mem);
    end else if (s == 6) begin : gen_file
      initial if (File6 != "") $readmemh(File6, mem);
    end else if (s == 7) begin : gen_file
      initial if (File7 != "") $readmemh(File7, mem);
    end else if (s == 8) begin : gen_file
      initial if (File8 != "") $readmemh(File8, mem);
    end else if (s == 9) begin : gen_file
      initial if (File9 != "") $readmemh(File9, mem);
    end
    if (Channels == 1) begin : gen_address
      assign addr = AddrW'(prefix);
    end else begin : gen_address
      assign addr = (AddrW'(channel) << s) | AddrW'(prefix);
    end
    assign value     = CW'($signed({InSigned & a[InWidth-1], a}));
    assign threshold = CW'($signed(mem[addr]));
    assign reached   = value >= threshold;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) valid_q <= 1'b0;
      else valid_q <= valid;
      a_q         <= a;
      channel_s_q <= channel;
      prefix_q    <= (prefix << 1) | Levels'(reached);
    end
  end
  assign valid_o = gen_stage[Levels-1].valid_q;
  assign data_o  = OutWidth'(Bias + 64'(gen_stage[Levels-1].prefix_q));
  logic unused;
  assign unused = &{1'b0, gen_stage[Levels-1].a_q, gen_stage[Levels-1].channel_s_q};
endmodule
