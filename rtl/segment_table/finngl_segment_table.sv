// A piecewise constant function with at most one break in each segment of equal size.
//   t = clamp((a << FracBits) + start[ch], 0, 2^(IdxBits + SegBits) - 1);  idx = t >> SegBits
//   y = (t mod 2^SegBits) >= tau[idx] ? yHi[idx] : yLo[idx];  with SegBits = 0: y = yHi[idx]
// ch counts the valid beats modulo Channels from 0 after reset. Without HasStart start is 0.
// Latency: 2 cycles (sum and saturation; look-up and comparison), initiation interval 1.
// Images: word idx of File is {tau[SegBits], yHi[OutWidth], yLo[OutWidth]}, MSB first; word ch of StartFile is
// start[ch], StartWidth bits, signed.
module finngl_segment_table #(
  parameter int           InWidth    = 19, // bits of a, >= 1
  parameter bit           InSigned   = 1,
  parameter int           FracBits   = 0,  // >= 0
  parameter bit           HasStart   = 0,
  parameter int           Channels   = 1,  // beats of a step, >= 1; 1: the constant Start, no file
  parameter int           StartWidth = 20, // 1 to 64
  parameter               StartFile  = "",
  parameter signed [63:0] Start      = 0,
  parameter int           SegBits    = 12, // >= 0
  parameter int           IdxBits    = 7,  // 1 to 20
  parameter int           OutWidth   = 6,  // >= 1
  parameter               File       = ""
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                valid_i,
  input  logic [InWidth-1:0]  data_i,
  output logic                valid_o,
  output logic [OutWidth-1:0] data_o
);
  localparam int WideW = InWidth + 1 + FracBits;
  localparam int TW    = IdxBits + SegBits;
  localparam int AddW  = HasStart ? (WideW > StartWidth ? WideW : StartWidth) + 1 : WideW;
  localparam int SumW  = AddW > TW + 1 ? AddW : TW + 2; // at least one bit above t and the sign

  initial begin
    if (InWidth < 1 || FracBits < 0 || SegBits < 0 || IdxBits < 1 || IdxBits > 20 || OutWidth < 1)
      $fatal(1, "finngl_segment_table: width out of range");
    if (Channels < 1 || StartWidth < 1 || StartWidth > 64)
      $fatal(1, "finngl_segment_table: Channels or StartWidth out of range");
    if (HasStart && Channels == 1 && Start >>> (StartWidth - 1) != 64'sd0 && Start >>> (StartWidth - 1) != -64'sd1)
      $fatal(1, "finngl_segment_table: Start needs more than StartWidth bits");
  end

  // Stage 1: sum and saturation.
  logic signed [InWidth:0] a;
  logic signed [SumW-1:0]  sum;
  logic [TW-1:0]           t, t_n_q;
  assign a = {InSigned & data_i[InWidth-1], data_i};
  if (HasStart) begin : gen_start
    logic signed [StartWidth-1:0] start;
    finngl_channel_const #(.Channels(Channels), .Width(StartWidth), .File(StartFile), .Value(Start)) u_start (
      .clk_i, .rst_ni, .next_i(valid_i), .const_o(start)
    );
    assign sum = (SumW'(a) <<< FracBits) + SumW'(start);
  end else begin : gen_no_start
    assign sum = SumW'(a) <<< FracBits;
  end
  always_comb begin
    if (sum[SumW-1]) t = '0;
    else if (|sum[SumW-2:TW]) t = '1;
    else t = sum[TW-1:0];
  end
  // Kept inverted, so that Yosys does not take it for the memory's read register and move it behind the table.
  always_ff @(posedge clk_i) t_n_q <= ~t;

  // Stage 2: look-up and comparison.
  localparam int WordW = SegBits + 2 * OutWidth;
  logic [WordW-1:0]    mem [2**IdxBits];
  logic [WordW-1:0]    word;
  logic [OutWidth-1:0] y;
  logic [TW-1:0]       t2;
  assign t2 = ~t_n_q;
  initial if (File != "") $readmemh(File, mem);
  assign word = mem[t2[SegBits +: IdxBits]];
  if (SegBits == 0) begin : gen_plain
    assign y = word[OutWidth +: OutWidth];
    logic unused_low;
    assign unused_low = &{1'b0, word[OutWidth-1:0]};
  end else begin : gen_break
    localparam int TauW = SegBits == 0 ? 1 : SegBits;
    assign y = t2[TauW-1:0] >= word[2*OutWidth +: TauW] ? word[OutWidth +: OutWidth] : word[0 +: OutWidth];
  end

  logic valid_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) {valid_q, valid_o} <= '0;
    else {valid_q, valid_o} <= {valid_i, valid_q};
    data_o <= y;
  end
endmodule
