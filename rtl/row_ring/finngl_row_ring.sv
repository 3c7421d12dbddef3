// Rows of an image that windows reach, in a ring, and the register that windows are read into.
//
//   Taps = 1: one memory of Rows * RowWords words, rows behind one another; a row is given by its first word.
//   Taps > 1: a memory of RowWords words for each row, all read at once, and for each tap one of them. A row is given by
//   its number.
//   latency: read_i in cycle n -> data_o in n + 1, held until the next read. A word written in cycle n may be read in n + 1.
// No reset; elements are 0 until written.
module finngl_row_ring #(
    parameter int ElemBits = 8,  // bits of an element that is read, >= 1
    parameter int InBits   = ElemBits,  // of one that is written, <= ElemBits: wider ones hold Pad
    parameter int InSigned = 1,  // written elements are two's complement
    parameter int Lanes    = 1,  // elements of a word, >= 1
    parameter int Rows     = 3,  // of the ring, >= 1
    parameter int RowWords = 4,  // >= 1
    parameter int Taps     = 1,  // words of a read, >= 1
    parameter int Pad      = 0,  // element of a tap that is padding, two's complement
    localparam int Places     = (Taps > 1) ? Rows : Rows * RowWords,
    localparam int RowBits    = (Places > 1) ? $clog2(Places) : 1,
    localparam int OffsetBits = (RowWords > 1) ? $clog2(RowWords) : 1
) (
    input  logic                           clk_i,
    input  logic                           write_i,
    input  logic [RowBits-1:0]             w_row_i,
    input  logic [OffsetBits-1:0]          w_offset_i,
    input  logic [Lanes*InBits-1:0]        data_i,
    input  logic                           read_i,
    input  logic [Taps*RowBits-1:0]        r_row_i,     // of tap t at [t*RowBits +: RowBits]
    input  logic [OffsetBits-1:0]          r_offset_i,
    input  logic [Taps-1:0]                pad_i,       // these taps of the read are padding
    output logic [Taps*Lanes*ElemBits-1:0] data_o       // tap t at [t*Lanes*ElemBits +: Lanes*ElemBits]
);
  localparam int W = Lanes * InBits;

  initial begin
    if (InBits < 1 || InBits > ElemBits || Lanes < 1 || Rows < 1 || RowWords < 1 || Taps < 1)
      $fatal(1, "finngl_row_ring: parameter out of range");
  end

  logic [Taps*W-1:0] words;
  logic [Taps-1:0]   pad_q;
  always_ff @(posedge clk_i) if (read_i) pad_q <= pad_i;

  // Not always_ff, which would leave no place for the initial values: simulation without X, and what the FPGA has.
  if (Taps == 1) begin : gen_one
    logic [W-1:0] mem_q[Places];
    initial for (int i = 0; i < Places; i++) mem_q[i] = '0;
    always @(posedge clk_i) begin
      if (write_i) mem_q[w_row_i+RowBits'(w_offset_i)] <= data_i;
      if (read_i) words <= mem_q[r_row_i+RowBits'(r_offset_i)];
    end
  end else begin : gen_rows
    logic [W-1:0]            word_q[Rows];
    logic [Taps*RowBits-1:0] row_q;
    for (genvar r = 0; r < Rows; r++) begin : gen_row
      logic [W-1:0] mem_q[RowWords];
      initial for (int i = 0; i < RowWords; i++) mem_q[i] = '0;
      always @(posedge clk_i) begin
        if (write_i && w_row_i == RowBits'(r)) mem_q[w_offset_i] <= data_i;
        if (read_i) word_q[r] <= mem_q[r_offset_i];
      end
    end
    always_ff @(posedge clk_i) if (read_i) row_q <= r_row_i;
    for (genvar t = 0; t < Taps; t++) begin : gen_tap
      assign words[t*W+:W] = word_q[row_q[t*RowBits+:RowBits]];
    end
  end

  for (genvar t = 0; t < Taps; t++) begin : gen_out
    logic [Lanes*ElemBits-1:0] wide;
    finngl_resize #(
        .Lanes   (Lanes),
        .InWidth (InBits),
        .InSigned(InSigned != 0),
        .OutWidth(ElemBits)
    ) i_wide (
        .data_i(words[t*W+:W]),
        .data_o(wide)
    );
    assign data_o[t*Lanes*ElemBits+:Lanes*ElemBits] = pad_q[t] ? {Lanes{ElemBits'(Pad)}} : wide;
  end
endmodule
