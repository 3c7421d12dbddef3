// Width flags of each context, all zero after reset.
//
//   flags_o = flags of ctx_i, combinational; write_i in cycle n -> flags_i is there from n + 1 on. II 1.
//   Contexts = 1: a register, ready_o = 1. More: distributed RAM, which a reset can only clear word by word: ready_o, a
//   register, is low in reset and for Contexts cycles after it; flags_o means nothing and write_i is ignored until then.
module finngl_flags #(
    parameter int Contexts = 1,  // >= 1
    parameter int Width    = 1,  // flags of a context, >= 1
    localparam int CtxBits = (Contexts > 1) ? $clog2(Contexts) : 1
) (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic [CtxBits-1:0] ctx_i,    // not read if Contexts = 1
    output logic [Width-1:0]   flags_o,
    input  logic               write_i,
    input  logic [Width-1:0]   flags_i,
    output logic               ready_o
);
  initial begin
    if (Contexts < 1 || Width < 1) $fatal(1, "finngl_flags: Contexts and Width must be at least 1");
  end

  if (Contexts > 1) begin : gen_memory
    (* ram_style = "distributed" *) logic [Width-1:0] mem_q[Contexts];
    logic [CtxBits-1:0] clear_q;
    logic               clearing_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        clear_q    <= '0;
        clearing_q <= 1'b1;
      end else if (clearing_q) begin
        clear_q    <= clear_q + CtxBits'(1);
        clearing_q <= clear_q != CtxBits'(Contexts - 1);
      end
    end
    always_ff @(posedge clk_i) begin
      if (clearing_q || write_i) mem_q[clearing_q ? clear_q : ctx_i] <= clearing_q ? '0 : flags_i;
    end
    assign flags_o = mem_q[ctx_i];
    assign ready_o = !clearing_q;
  end else begin : gen_register
    logic unused;
    logic [Width-1:0] flags_q;
    assign unused = ^ctx_i;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) flags_q <= '0;
      else if (write_i) flags_q <= flags_i;
    end
    assign flags_o = flags_q;
    assign ready_o = 1'b1;
  end
endmodule
