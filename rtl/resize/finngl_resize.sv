// Extends every lane to a wider code: by its sign, or by zeros if unsigned. Combinational.
module finngl_resize #(
    parameter int Lanes    = 1,  // >= 1
    parameter int InWidth  = 4,  // bits of a lane, >= 1
    parameter bit InSigned = 1,
    parameter int OutWidth = 6   // >= InWidth; a signed output of an unsigned input needs InWidth + 1
) (
    input  logic [Lanes*InWidth-1:0]  data_i,
    output logic [Lanes*OutWidth-1:0] data_o
);
  initial begin
    if (Lanes < 1 || InWidth < 1 || OutWidth < InWidth) $fatal(1, "finngl_resize: parameter out of range");
  end
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [InWidth-1:0] lane;
    assign lane = data_i[l*InWidth+:InWidth];
    if (OutWidth == InWidth) begin : gen_same
      assign data_o[l*OutWidth+:OutWidth] = lane;
    end else begin : gen_wider
      assign data_o[l*OutWidth+:OutWidth] = {{(OutWidth - InWidth) {InSigned & lane[InWidth-1]}}, lane};
    end
  end
endmodule
