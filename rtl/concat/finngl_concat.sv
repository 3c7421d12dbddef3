// Joins up to four operand vectors to the one column vector that a matrix-vector unit reads.
//
//   Column groups [0, size 0) come from segment 0, the next size 1 from segment 1, ...
//   addr_i in cycle n -> seg_addr_o in n (combinational) -> memories answer on seg_data_i in n + 1 -> data_o in n + 1
//   (combinational from seg_data_i). Latency 1 with the memories, II 1.
// Addresses of segments that are not meant are meaningless but harmless reads.
module finngl_concat #(
    parameter int Segs     = 2,   // segments, 1 to 4
    parameter int SizeBits = 16,  // bits of one size in Sizes
    parameter bit [Segs*SizeBits-1:0] Sizes = '1,  // column groups of segment s at [s*SizeBits +: SizeBits], each >= 1
    parameter int W        = 8,   // bits of a column group, SIMD*BW
    parameter int AddrBits = 16   // $clog2 of the sum of the sizes, at least 1
) (
    input  logic                     clk_i,
    input  logic [AddrBits-1:0]      addr_i,
    output logic [Segs*AddrBits-1:0] seg_addr_o,  // segment s at [s*AddrBits +: AddrBits]
    input  logic [Segs*W-1:0]        seg_data_i,
    output logic [W-1:0]             data_o
);
  localparam int SegBits = (Segs > 1) ? $clog2(Segs) : 1;

  initial begin
    if (Segs < 1 || Segs > 4 || W < 1 || AddrBits < 1) $fatal(1, "finngl_concat: parameter out of range");
  end

  // First column group of a segment.
  function automatic [AddrBits-1:0] base(input int segment);
    base = '0;
    for (int s = 0; s < Segs; s++) if (s < segment) base = base + AddrBits'(Sizes[s*SizeBits+:SizeBits]);
  endfunction

  logic [SegBits-1:0] seg_d, seg_q;

  for (genvar s = 0; s < Segs; s++) begin : gen_addr
    localparam [AddrBits-1:0] Base = base(s);
    assign seg_addr_o[s*AddrBits+:AddrBits] = addr_i - Base;
  end

  if (Segs == 1) begin : gen_one
    logic unused;
    assign unused = ^{clk_i, seg_q, seg_d};
    assign seg_d  = '0;
    assign seg_q  = '0;
    assign data_o = seg_data_i;
  end else begin : gen_mux
    always_comb begin
      seg_d = '0;
      for (int s = 1; s < Segs; s++) if (addr_i >= base(s)) seg_d = SegBits'(s);
    end
    always_ff @(posedge clk_i) seg_q <= seg_d;
    always_comb begin
      data_o = seg_data_i[W-1:0];
      for (int s = 1; s < Segs; s++) if (seg_q == SegBits'(s)) data_o = seg_data_i[s*W+:W];
    end
  end
endmodule
