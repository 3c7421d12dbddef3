// Memory of Slots vectors of N elements with one write port and two read ports of different lane counts.
//
//   latency  read 1: address in cycle n, data in cycle n + 1, held while the address stays. II 1 on every port.
//   A read issued in cycle n + 1 sees a write of cycle n; a read in the same cycle n returns the old data (distributed)
//   or is undefined (block).
// Layout: Banks = max(WL, RA, RB) elements make a row; element e is in row e / Banks, bank e mod Banks. The WL banks of
// a write group share enable and address, so they are one distributed RAM of WL*BW bits, word {slot, row}. Read ports
// read the whole row, pick their lanes, then register: the picking costs LUTs, but only RA*BW flip-flops. Bram = 1 has a
// block RAM for each read port instead, whose register holds the row; the lanes are picked behind it.
// No reset; contents are undefined until written.
module finngl_vector_mem #(
    parameter int N     = 8,  // elements of a vector, >= 1
    parameter int BW    = 8,  // bits of an element, >= 1
    parameter int WL    = 1,  // elements of a write
    parameter int RA    = 1,  // elements of a read at port A, 0 = no port A
    parameter int RB    = 0,  // elements of a read at port B, 0 = no port B
    parameter int Slots = 2,  // vectors, >= 1; lanes divide N and each other
    parameter bit Bram  = 0,  // 1: block RAM; pays from about 256 words (Slots * rows) on
    localparam int WAddrBits = (N / WL > 1) ? $clog2(N / WL) : 1,
    localparam int LanesA    = (RA > 0) ? RA : N,
    localparam int LanesB    = (RB > 0) ? RB : N,
    localparam int AAddrBits = (N / LanesA > 1) ? $clog2(N / LanesA) : 1,
    localparam int BAddrBits = (N / LanesB > 1) ? $clog2(N / LanesB) : 1,
    localparam int AWidth    = (RA > 0) ? RA * BW : 1,
    localparam int BWidth    = (RB > 0) ? RB * BW : 1,
    localparam int SlotBits  = (Slots > 1) ? $clog2(Slots) : 1
) (
    input  logic                 clk_i,
    input  logic                 wr_en_i,
    input  logic [WAddrBits-1:0] wr_addr_i,  // group of WL elements
    input  logic [SlotBits-1:0]  wr_slot_i,
    input  logic [WL*BW-1:0]     wr_data_i,  // element l of the group at [l*BW +: BW]
    input  logic [AAddrBits-1:0] a_addr_i,   // group of RA elements
    input  logic [SlotBits-1:0]  a_slot_i,
    output logic [AWidth-1:0]    a_data_o,   // 0 without port A
    input  logic [BAddrBits-1:0] b_addr_i,   // group of RB elements
    input  logic [SlotBits-1:0]  b_slot_i,
    output logic [BWidth-1:0]    b_data_o    // 0 without port B
);
  localparam int MaxRead  = (RA > RB) ? RA : RB;
  localparam int Banks    = (WL > MaxRead) ? WL : MaxRead;
  localparam int Rows     = N / Banks;
  localparam int RowShift = $clog2(Rows);
  localparam int RowBits  = (Rows > 1) ? RowShift : 1;
  localparam int Words    = Slots << RowShift;
  localparam int WordBits = (Words > 1) ? $clog2(Words) : 1;
  localparam int Writers  = Banks / WL;
  localparam int WSubBits = (Writers > 1) ? $clog2(Writers) : 1;

  initial begin
    if (N < 1 || BW < 1 || WL < 1 || RA < 0 || RB < 0 || RA + RB < 1 || Slots < 1) $fatal(1, "finngl_vector_mem: range");
    if (N % Banks != 0 || Banks % WL != 0) $fatal(1, "finngl_vector_mem: lanes must divide N and each other");
    if (RA > 0 && (Banks % LanesA != 0 || (RA % WL != 0 && WL % LanesA != 0)))
      $fatal(1, "finngl_vector_mem: WL and RA must divide each other");
    if (RB > 0 && (Banks % LanesB != 0 || (RB % WL != 0 && WL % LanesB != 0)))
      $fatal(1, "finngl_vector_mem: WL and RB must divide each other");
  end

  logic [RowBits-1:0]  wr_row;
  logic [WSubBits-1:0] wr_sub;
  logic [WordBits-1:0] wr_word, a_word, b_word;
  logic [Banks*BW-1:0] a_row_data, b_row_data;

  finngl_group_split #(
      .Groups(N / WL),
      .Ratio (Writers)
  ) i_wr_split (
      .group_i(wr_addr_i),
      .row_o  (wr_row),
      .sub_o  (wr_sub)
  );
  assign wr_word = (WordBits'(wr_slot_i) << RowShift) | WordBits'(wr_row);

  for (genvar w = 0; w < Writers; w++) begin : gen_bank
    logic write;
    assign write = wr_en_i && wr_sub == WSubBits'(w);
    if (Bram) begin : gen_block
      if (RA > 0) begin : gen_a
        (* ram_style = "block" *) logic [WL*BW-1:0] mem_q[Words];
        logic [WL*BW-1:0] row_q;
        always_ff @(posedge clk_i) begin
          if (write) mem_q[wr_word] <= wr_data_i;
          row_q <= mem_q[a_word];
        end
        assign a_row_data[w*WL*BW+:WL*BW] = row_q;
      end else begin : gen_no_a
        assign a_row_data[w*WL*BW+:WL*BW] = '0;
      end
      if (RB > 0) begin : gen_b
        (* ram_style = "block" *) logic [WL*BW-1:0] mem_q[Words];
        logic [WL*BW-1:0] row_q;
        always_ff @(posedge clk_i) begin
          if (write) mem_q[wr_word] <= wr_data_i;
          row_q <= mem_q[b_word];
        end
        assign b_row_data[w*WL*BW+:WL*BW] = row_q;
      end else begin : gen_no_b
        assign b_row_data[w*WL*BW+:WL*BW] = '0;
      end
    end else begin : gen_distributed
      (* ram_style = "distributed" *) logic [WL*BW-1:0] mem_q[Words];
      always_ff @(posedge clk_i) if (write) mem_q[wr_word] <= wr_data_i;
      assign a_row_data[w*WL*BW+:WL*BW] = mem_q[a_word];
      assign b_row_data[w*WL*BW+:WL*BW] = mem_q[b_word];
    end
  end

  if (RA > 0) begin : gen_a
    localparam int Readers = Banks / LanesA;
    localparam int SubBits = (Readers > 1) ? $clog2(Readers) : 1;
    logic [RowBits-1:0] row;
    logic [SubBits-1:0] sub, pick;  // pick: the lanes of the row that is there now
    logic [AWidth-1:0]  data;
    finngl_group_split #(
        .Groups(N / LanesA),
        .Ratio (Readers)
    ) i_split (
        .group_i(a_addr_i),
        .row_o  (row),
        .sub_o  (sub)
    );
    assign a_word = (WordBits'(a_slot_i) << RowShift) | WordBits'(row);
    always_comb begin
      data = a_row_data[AWidth-1:0];
      for (int r = 1; r < Readers; r++) if (pick == SubBits'(r)) data = a_row_data[r*AWidth+:AWidth];
    end
    if (Bram) begin : gen_pick_late
      logic [SubBits-1:0] sub_q;
      always_ff @(posedge clk_i) sub_q <= sub;
      assign pick     = sub_q;
      assign a_data_o = data;
    end else begin : gen_pick_early
      logic [AWidth-1:0] data_q;
      always_ff @(posedge clk_i) data_q <= data;
      assign pick     = sub;
      assign a_data_o = data_q;
    end
    if (Readers == 1) begin : gen_unused
      logic unused;
      assign unused = ^pick;
    end
  end else begin : gen_no_a
    logic unused;
    assign unused   = ^{a_addr_i, a_slot_i, a_word, a_row_data};
    assign a_word   = '0;
    assign a_data_o = '0;
  end

  if (RB > 0) begin : gen_b
    localparam int Readers = Banks / LanesB;
    localparam int SubBits = (Readers > 1) ? $clog2(Readers) : 1;
    logic [RowBits-1:0] row;
    logic [SubBits-1:0] sub, pick;  // pick: the lanes of the row that is there now
    logic [BWidth-1:0]  data;
    finngl_group_split #(
        .Groups(N / LanesB),
        .Ratio (Readers)
    ) i_split (
        .group_i(b_addr_i),
        .row_o  (row),
        .sub_o  (sub)
    );
    assign b_word = (WordBits'(b_slot_i) << RowShift) | WordBits'(row);
    always_comb begin
      data = b_row_data[BWidth-1:0];
      for (int r = 1; r < Readers; r++) if (pick == SubBits'(r)) data = b_row_data[r*BWidth+:BWidth];
    end
    if (Bram) begin : gen_pick_late
      logic [SubBits-1:0] sub_q;
      always_ff @(posedge clk_i) sub_q <= sub;
      assign pick     = sub_q;
      assign b_data_o = data;
    end else begin : gen_pick_early
      logic [BWidth-1:0] data_q;
      always_ff @(posedge clk_i) data_q <= data;
      assign pick     = sub;
      assign b_data_o = data_q;
    end
    if (Readers == 1) begin : gen_unused
      logic unused;
      assign unused = ^pick;
    end
  end else begin : gen_no_b
    logic unused;
    assign unused   = ^{b_addr_i, b_slot_i, b_word, b_row_data};
    assign b_word   = '0;
    assign b_data_o = '0;
  end
endmodule
