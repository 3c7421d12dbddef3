// Any function of a code, as a memory.
//   data_o = mem[data_i]
// Latency: 1 cycle, initiation interval 1.
// Image: 2^InWidth words of OutWidth bits; the address is the bit pattern of the code, so the words of negative codes
// follow those of the positive ones.
module finngl_table #(
  parameter int InWidth  = 6, // 1 to 20; up to 8 or so it stays in LUTs, above 11 it becomes block RAM
  parameter int OutWidth = 6, // >= 1
  parameter     File     = ""
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                valid_i,
  input  logic [InWidth-1:0]  data_i,
  output logic                valid_o,
  output logic [OutWidth-1:0] data_o
);
  initial begin
    if (InWidth < 1 || InWidth > 20 || OutWidth < 1) $fatal(1, "finngl_table: width out of range");
  end

  logic [OutWidth-1:0] mem [2**InWidth];
  initial if (File != "") $readmemh(File, mem);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_o <= 1'b0;
    else valid_o <= valid_i;
    data_o <= mem[data_i];
  end
endmodule
