// Weight memory, multipliers and accumulators of finngl_mvu (which documents the parameters and the image).
// rd_i, first_i (first column group of a row group) and word_i (weight word) belong to a cycle n, data_i to cycle
// n + 1; the sums that include it are on value_o, carry_o in cycle n + 1 + Latency: row pe = value_o[pe] + carry_o[pe].
// Between reads the sums are undefined.
module finngl_mvu_array #(
  parameter int PE         = 4,
  parameter int SIMD       = 1,
  parameter int Words      = 8,
  parameter int WordAW     = 3,
  parameter int WW         = 8,
  parameter int XW         = 6,
  parameter bit XSigned    = 1,
  parameter int AW         = 24,
  parameter int Dsp        = 1,
  parameter bit Pack       = 0,
  parameter int LaneW      = 18,
  parameter bit Bram       = 0,
  parameter int Latency    = 4, // of finngl_mvu
  parameter bit Structural = 0,
  parameter     File       = ""
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               rd_i,
  input  logic               first_i,
  input  logic [WordAW-1:0]  word_i,
  input  logic [SIMD*XW-1:0] data_i,
  output logic [PE*AW-1:0]   value_o,
  output logic [PE-1:0]      carry_o
);
`ifdef SYNTHESIS
  localparam bit Real = 1;
`else
  localparam bit Real = Structural;
`endif
  localparam int WordW = PE * SIMD * WW;

  if (!Real) begin : gen_model
    // The same sums at the same time, in one place: everything waits until the cycle before the result, and small
    // loops over one memory keep the simulator's code small.
    logic [WordW-1:0] mem [Words];
    initial if (File != "") $readmemh(File, mem);

    logic              rd, first;
    logic [WordAW-1:0] word;
    logic [SIMD*XW-1:0] x;
    finngl_delay #(.Width(2 + WordAW), .Depth(Latency), .Reset(0)) u_control (
      .clk_i, .rst_ni, .data_i({rd_i, first_i, word_i}), .data_o({rd, first, word})
    );
    finngl_delay #(.Width(SIMD*XW), .Depth(Latency - 1), .Reset(0)) u_data (.clk_i, .rst_ni, .data_i, .data_o(x));

    logic [WordW-1:0]   weights;
    logic [PE*AW-1:0]   acc_d, acc_q;
    logic signed [63:0] sum;
    assign weights = mem[word];
    always_comb begin
      acc_d = acc_q;
      sum   = '0;
      if (rd) begin
        for (int pe = 0; pe < PE; pe++) begin
          sum = first ? '0 : 64'($signed(acc_q[pe*AW +: AW]));
          for (int i = 0; i < SIMD; i++) begin
            sum = sum + 64'($signed(weights[(pe*SIMD+i)*WW +: WW])) *
                        64'($signed({XSigned & x[i*XW+XW-1], x[i*XW +: XW]}));
          end
          acc_d[pe*AW +: AW] = AW'(sum);
        end
      end
    end
    always_ff @(posedge clk_i) acc_q <= acc_d;
`ifdef FINNGL_ASSERT
    // This model keeps the rows apart, so it has to watch for what would break a packed pair in the DSP.
    if (Pack) begin : gen_lane_check
      logic               low_fits, pair_fits;
      logic signed [63:0] low, w0, w1;
      always_comb begin
        low_fits  = 1'b1;
        pair_fits = 1'b1;
        low       = '0;
        w0        = '0;
        w1        = '0;
        for (int pe = 0; pe < PE; pe += 2) begin
          low = 64'($signed(acc_q[pe*AW +: AW]));
          if (low >= (64'sd1 <<< (LaneW - 1)) || low < -(64'sd1 <<< (LaneW - 1))) low_fits = 1'b0;
          for (int i = 0; i < SIMD; i++) begin
            w0 = 64'($signed(weights[(pe*SIMD+i)*WW +: WW]));
            w1 = 64'($signed(weights[((pe+1)*SIMD+i)*WW +: WW]));
            if ((w1 <<< LaneW) + w0 < -64'sd67108864) pair_fits = 1'b0; // 27 bits of the pre-adder
          end
        end
      end
      logic sums_q;
      always_ff @(posedge clk_i) begin
        sums_q <= rst_ni & rd;
        if (sums_q && !low_fits) $fatal(1, "finngl_mvu: a low row leaves its lane of %0d bits", LaneW);
        if (rst_ni && rd && !pair_fits) $fatal(1, "finngl_mvu: a weight pair leaves the pre-adder's 27 bits");
      end
    end
`endif
    assign value_o = acc_q;
    assign carry_o = '0;
  end else begin : gen_real
    // A weight and input of column simd is used Stagger*simd cycles after those of column 0.
    localparam int Stagger = Dsp == 1 ? 1 : 0;
    logic [WordW-1:0]   w; // element (pe, simd) at [(simd*PE + pe)*WW +: WW]
    logic [SIMD*XW-1:0] x;
    for (genvar i = 0; i < SIMD; i++) begin : gen_x
      finngl_delay #(.Width(XW), .Depth(Stagger * i), .Reset(0)) u_x (
        .clk_i, .rst_ni, .data_i(data_i[i*XW +: XW]), .data_o(x[i*XW +: XW])
      );
    end

    logic [WordW-1:0] mem [Words];
    initial if (File != "") $readmemh(File, mem);
    if (Dsp == 1 && !Bram) begin : gen_rom_lut
      // The DSP's A and D registers are the read registers; the columns' addresses are staggered instead of the words.
      // Addresses are kept inverted, so that Yosys does not take them for a read register, which it would move behind
      // the memory at one flip-flop a weight bit.
      for (genvar i = 0; i < SIMD; i++) begin : gen_column
        logic [WordAW-1:0] addr_n_q;
        if (i == 0) begin : gen_first
          always_ff @(posedge clk_i) addr_n_q <= ~word_i;
        end else begin : gen_next
          always_ff @(posedge clk_i) addr_n_q <= gen_column[i-1].addr_n_q;
        end
        // verilator lint_off UNUSEDSIGNAL
        logic [WordW-1:0] word; // a column uses its own weights only
        // verilator lint_on UNUSEDSIGNAL
        assign word = mem[~addr_n_q];
        for (genvar pe = 0; pe < PE; pe++) begin : gen_pe
          assign w[(i*PE+pe)*WW +: WW] = word[(pe*SIMD+i)*WW +: WW];
        end
      end
    end else begin : gen_rom_registered
      logic [WordW-1:0] word_q;
      always_ff @(posedge clk_i) word_q <= mem[word_i];
      for (genvar i = 0; i < SIMD; i++) begin : gen_column
        logic [PE*WW-1:0] column;
        for (genvar pe = 0; pe < PE; pe++) begin : gen_pe
          assign column[pe*WW +: WW] = word_q[(pe*SIMD+i)*WW +: WW];
        end
        finngl_delay #(.Width(PE*WW), .Depth(Stagger * i), .Reset(0)) u_w (
          .clk_i, .rst_ni, .data_i(column), .data_o(w[i*PE*WW +: PE*WW])
        );
      end
    end

    // The accumulator's step needs to know whether it starts a sum.
    logic first;
    finngl_delay #(.Width(1), .Depth(Dsp == 1 ? SIMD : Latency), .Reset(0)) u_first (
      .clk_i, .rst_ni, .data_i(first_i), .data_o(first)
    );
    logic unused_rd;
    assign unused_rd = rd_i;

    if (Dsp == 1) begin : gen_dsp
      localparam int PerDsp = Pack ? 2 : 1;
      for (genvar k = 0; k < PE / PerDsp; k++) begin : gen_chain
        logic [47:0] p;
        for (genvar i = 0; i < SIMD; i++) begin : gen_stage
          logic [47:0] sum, pcin, pcout;
          logic [26:0] d;
          if (i == 0) begin : gen_head
            assign pcin = '0;
          end else begin : gen_tail
            assign pcin = gen_stage[i-1].pcout;
          end
          if (Pack) begin : gen_pack
            assign d = 27'($signed(w[(i*PE+2*k+1)*WW +: WW])) << LaneW;
          end else begin : gen_single
            assign d = '0;
          end
          finngl_dsp48e2 #(.Cascade(i != 0)) u_dsp (
            .clk_i,
            .a_i(27'($signed(w[(i*PE+PerDsp*k)*WW +: WW]))),
            .d_i(d),
            .b_i(18'($signed({XSigned & x[i*XW+XW-1], x[i*XW +: XW]}))),
            .acc_i(i == SIMD - 1 ? !first : 1'b0),
            .pcin_i(pcin),
            .p_o(sum),
            .pcout_o(pcout)
          );
          if (i == SIMD - 1) begin : gen_last
            assign p = sum;
            logic unused_pcout;
            assign unused_pcout = &{1'b0, pcout};
          end else begin : gen_inner
            logic unused_p;
            assign unused_p = &{1'b0, sum};
          end
        end
        logic unused_bits;
        assign unused_bits = &{1'b0, p};
        if (Pack) begin : gen_lanes
          // A negative low lane has borrowed one from the high lane.
          if (AW > LaneW) begin : gen_wide
            assign value_o[2*k*AW +: AW] = {{(AW-LaneW){p[LaneW-1]}}, p[LaneW-1:0]};
          end else begin : gen_narrow
            assign value_o[2*k*AW +: AW] = p[AW-1:0];
          end
          assign value_o[(2*k+1)*AW +: AW] = p[LaneW +: AW];
          assign carry_o[2*k +: 2]         = {p[LaneW-1], 1'b0};
        end else begin : gen_lane
          assign value_o[k*AW +: AW] = p[AW-1:0];
          assign carry_o[k]          = 1'b0;
        end
      end
    end else begin : gen_lut
      // Products are registered, then every second level of the adder tree; an odd last level shares the accumulator's
      // stage.
      localparam int Levels = $clog2(SIMD);
      for (genvar pe = 0; pe < PE; pe++) begin : gen_pe
        for (genvar v = 0; v <= Levels; v++) begin : gen_level
          localparam int N = (SIMD + (1 << v) - 1) >> v;
          localparam int SumW = WW + XW + v;
          logic [N*SumW-1:0] sum_d, sum;
          if (v == 0) begin : gen_products
            for (genvar i = 0; i < N; i++) begin : gen_product
              if (WW >= XW) begin : gen_by_x
                finngl_mul_lut #(.AWidth(WW), .ASigned(1), .BWidth(XW), .BSigned(XSigned)) u_mul (
                  .a_i(w[(i*PE+pe)*WW +: WW]), .b_i(x[i*XW +: XW]), .y_o(sum_d[i*SumW +: SumW])
                );
              end else begin : gen_by_w
                finngl_mul_lut #(.AWidth(XW), .ASigned(XSigned), .BWidth(WW), .BSigned(1)) u_mul (
                  .a_i(x[i*XW +: XW]), .b_i(w[(i*PE+pe)*WW +: WW]), .y_o(sum_d[i*SumW +: SumW])
                );
              end
            end
          end else begin : gen_sums
            localparam int Below = (SIMD + (1 << (v - 1)) - 1) >> (v - 1);
            for (genvar i = 0; i < N; i++) begin : gen_sum
              if (2 * i + 1 < Below) begin : gen_pair
                assign sum_d[i*SumW +: SumW] =
                    SumW'($signed(gen_level[v-1].sum[2*i*(SumW-1) +: SumW-1])) +
                    SumW'($signed(gen_level[v-1].sum[(2*i+1)*(SumW-1) +: SumW-1]));
              end else begin : gen_odd
                assign sum_d[i*SumW +: SumW] = SumW'($signed(gen_level[v-1].sum[2*i*(SumW-1) +: SumW-1]));
              end
            end
          end
          if (v % 2 == 0) begin : gen_register
            always_ff @(posedge clk_i) sum <= sum_d;
          end else begin : gen_wire
            assign sum = sum_d;
          end
        end
        logic [AW-1:0] acc_q;
        always_ff @(posedge clk_i)
          acc_q <= (first ? '0 : acc_q) + AW'($signed(gen_level[Levels].sum));
        assign value_o[pe*AW +: AW] = acc_q;
        assign carry_o[pe]          = 1'b0;
      end
    end
  end
endmodule
