// Splits a group number into row and place in the row: row = group / Ratio, sub = group mod Ratio. Combinational.
// A power of two is wiring; any other ratio is a table (one LUT for each output bit up to 64 groups), not a divider.
module finngl_group_split #(
    parameter int Groups = 4,  // groups, >= 1, a multiple of Ratio
    parameter int Ratio  = 2,  // groups of one row, >= 1
    localparam int GroupBits = (Groups > 1) ? $clog2(Groups) : 1,
    localparam int RowBits   = (Groups / Ratio > 1) ? $clog2(Groups / Ratio) : 1,
    localparam int SubBits   = (Ratio > 1) ? $clog2(Ratio) : 1
) (
    input  logic [GroupBits-1:0] group_i,
    output logic [RowBits-1:0]   row_o,
    output logic [SubBits-1:0]   sub_o
);
  localparam int Shift = $clog2(Ratio);

  initial begin
    if (Groups < 1 || Ratio < 1 || Groups % Ratio != 0) $fatal(1, "finngl_group_split: Ratio must divide Groups");
  end

  if (Ratio == 1 && Groups == 1) begin : gen_single
    logic unused;
    assign unused = ^group_i;
    assign row_o = '0;
    assign sub_o = '0;
  end else if (Ratio == 1) begin : gen_rows
    assign row_o = group_i;
    assign sub_o = '0;
  end else if (Groups == Ratio) begin : gen_one_row
    assign row_o = '0;
    assign sub_o = group_i;
  end else if ((1 << Shift) == Ratio) begin : gen_power
    assign row_o = group_i[GroupBits-1:Shift];
    assign sub_o = group_i[Shift-1:0];
  end else begin : gen_table
    always_comb begin
      row_o = '0;
      sub_o = '0;
      for (int g = 0; g < Groups; g++) begin
        if (group_i == GroupBits'(g)) begin
          row_o = RowBits'(g / Ratio);
          sub_o = SubBits'(g % Ratio);
        end
      end
    end
  end
endmodule
