// Matrix-vector unit: integer product of a constant matrix [G*PE, NC*SIMD] and a vector [NC*SIMD].
//   acc[g*PE + pe] = sum over c, simd of W[g*PE + pe][c*SIMD + simd] * x[c*SIMD + simd]
// A pass takes G*NC cycles, row groups g outer, column groups c inner: PE*SIMD products a cycle.
//
// Timing, for a start_i pulse in cycle s (the next one in cycle s + G*NC or later):
//   rd_o = 1 and addr_o = c in cycle s + g*NC + c, that is, from cycle s itself on; last_o with the last of them
//   data_i is the addressed column group, one cycle later: simd at bits [simd*XW +: XW]
//   R <= PE: beat j of row group g in cycle s + (g+1)*NC + Latency + j, rows g*PE + j*R + l
//   R >  PE: beat b in cycle s + (b+1)*(R/PE)*NC + Latency, rows b*R + l
//   row l of a beat at data_o[l*AW +: AW]; data_o comes from the accumulator registers through at most one adder
// Split > 0 makes each row group two: columns [0, Split) are summed for themselves, then columns [Split, NC), with other
// rows of the matrix. Both come out, the first ones NC - Split cycles earlier at the same place; valid_o marks the second
// ones only. (One array computes W*x and U*h apart where their scales differ, without a product by zero.)
// Latency (cycles): Dsp = 1: SIMD + 3; Dsp = 0: 2 + floor(clog2(SIMD) / 2). Initiation interval of a pass: G*NC.
// Example: PE 4, SIMD 1, NC 8, G 1, R 2, Dsp 1: started in cycle 0, beats in cycles 12 and 13; no stall is possible.
//
// Weight image: word g*NC + c, element (pe, simd) at bits [(pe*SIMD + simd)*WW +: WW], two's complement.
// Pack = 1 puts rows 2i (low) and 2i+1 (high) into one DSP: the low lane has LaneW bits, so each low row's sum and its
// parts must lie in [-2^(LaneW-1), 2^(LaneW-1)); sum |w| * max |x| < 2^(LaneW-1) proves it. With WW + LaneW = 27 a high
// weight -2^(WW-1) must not meet a negative low weight. FINNGL_ASSERT checks both in simulation (Structural = 0).
// A chain over simd is a DSP cascade; stage simd works simd cycles later than stage 0.
module finngl_mvu #(
  parameter int PE         = 4,  // rows computed in parallel, >= 1; even when packed
  parameter int SIMD       = 1,  // columns a cycle, >= 1
  parameter int NC         = 8,  // column groups of a pass, >= 1
  parameter int G          = 1,  // row groups of a pass, >= 1
  parameter int WW         = 8,  // weight bits, signed, 1 to 26 (63 if Dsp = 0)
  parameter int XW         = 6,  // input bits, 1 to 18 (17 if unsigned; 63 if Dsp = 0)
  parameter bit XSigned    = 1,
  parameter int AW         = 24, // bits of an output row, signed, 2 to 48 (48 - LaneW when packed; 63 if Dsp = 0)
  parameter int R          = 1,  // rows of a beat; divides PE with PE/R <= NC (each part, if split), or is a multiple of
                                 // PE that divides G*PE
  parameter int Split      = 0,  // column groups of the first part, 0 = one part, < NC
  parameter int Dsp        = 1,  // 1: DSP48E2; 0: multipliers and accumulators in LUTs
  parameter bit Pack       = 0,  // 1: two rows in a DSP (Dsp = 1)
  parameter int LaneW      = 18, // bits of the low lane, WW + LaneW <= 27
  parameter bit Bram       = 0,  // 1: weights in block RAM (from about 256 words); 0: in LUTs
  parameter bit Structural = 0,  // simulation only: 1 simulates the DSPs or LUT multipliers themselves
  parameter     File       = "", // weight image
  localparam int AddrW     = NC == 1 ? 1 : $clog2(NC)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_i,
  output logic               rd_o,
  output logic [AddrW-1:0]   addr_o,
  output logic               last_o,
  input  logic [SIMD*XW-1:0] data_i,
  output logic               valid_o,
  output logic [R*AW-1:0]    data_o
);
  localparam int Latency = Dsp == 1 ? SIMD + 3 : 2 + $clog2(SIMD) / 2;
  localparam int Words   = G * NC;
  localparam int GroupAW = G == 1 ? 1 : $clog2(G);
  localparam int WordAW  = Words == 1 ? 1 : $clog2(Words);

  initial begin
    if (PE < 1 || SIMD < 1 || NC < 1 || G < 1) $fatal(1, "finngl_mvu: PE, SIMD, NC, G must be >= 1");
    if (WW < 1 || WW > (Dsp != 0 ? 26 : 63) || XW < 1 || XW > (Dsp == 0 ? 63 : XSigned ? 18 : 17))
      $fatal(1, "finngl_mvu: WW or XW out of range");
    if (R < 1 || (R <= PE ? PE % R != 0 || PE / R > NC : R % PE != 0 || (G * PE) % R != 0))
      $fatal(1, "finngl_mvu: R does not fit PE, NC and G");
    if (Split < 0 || Split >= NC) $fatal(1, "finngl_mvu: Split out of range");
    if (Split > 0 && R <= PE && (PE / R > Split || PE / R > NC - Split))
      $fatal(1, "finngl_mvu: a part of a row group does not drain in time");
    if (Dsp != 0 && Dsp != 1) $fatal(1, "finngl_mvu: Dsp must be 0 or 1");
    if (Pack && (Dsp != 1 || PE % 2 != 0 || WW + LaneW > 27 || LaneW < 2))
      $fatal(1, "finngl_mvu: packing needs Dsp = 1, even PE and WW + LaneW <= 27");
    if (AW < 2 || AW > (Dsp == 0 ? 63 : Pack ? 48 - LaneW : 48)) $fatal(1, "finngl_mvu: AW out of range");
  end

  // Control: counters rest at 0, so that the first column is addressed in the cycle of start_i.
  logic [AddrW-1:0]   col_q;
  logic [GroupAW-1:0] grp_q;
  logic [WordAW-1:0]  word_q;
  logic               busy_q, rd, col_first, col_last, part_last, pass_last;
  assign rd        = start_i | busy_q;
  assign col_first = col_q == AddrW'(0) || (Split > 0 && col_q == AddrW'(Split));
  assign part_last = Split > 0 && col_q == AddrW'(Split > 0 ? Split - 1 : 0);
  assign col_last  = col_q == AddrW'(NC - 1);
  assign pass_last = col_last && grp_q == GroupAW'(G - 1);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      col_q  <= '0;
      grp_q  <= '0;
      word_q <= '0;
      busy_q <= 1'b0;
    end else if (rd) begin
      col_q  <= col_last ? '0 : col_q + AddrW'(1);
      if (col_last) grp_q <= pass_last ? '0 : grp_q + GroupAW'(1);
      word_q <= pass_last ? '0 : word_q + WordAW'(1);
      busy_q <= !pass_last;
    end
  end
  assign rd_o   = rd;
  assign addr_o = col_q;
  assign last_o = rd & pass_last;

  // A row group's sums, or those of its part, are in the accumulators in the cycle of group_done.
  logic group_done, group_final;
  finngl_delay #(.Width(1), .Depth(Latency + 1), .Reset(1)) u_group_done (
    .clk_i, .rst_ni, .data_i(rd & (col_last | part_last)), .data_o(group_done)
  );
  if (Split > 0) begin : gen_final
    finngl_delay #(.Width(1), .Depth(Latency + 1)) u_group_final (
      .clk_i, .rst_ni, .data_i(col_last), .data_o(group_final)
    );
  end else begin : gen_one_part
    assign group_final = 1'b1;
  end

  // Each row of the array is value + carry; the carry repairs a high lane.
  logic [PE*AW-1:0] value;
  logic [PE-1:0]    carry;
  finngl_mvu_array #(
    .PE(PE), .SIMD(SIMD), .Words(Words), .WordAW(WordAW), .WW(WW), .XW(XW), .XSigned(XSigned), .AW(AW), .Dsp(Dsp),
    .Pack(Pack), .LaneW(LaneW), .Bram(Bram), .Latency(Latency), .Structural(Structural), .File(File)
  ) u_array (
    .clk_i, .rst_ni, .rd_i(rd), .first_i(col_first), .word_i(word_q), .data_i, .value_o(value), .carry_o(carry)
  );

  // Read-out of R rows a beat.
  localparam int Beats = R < PE ? PE / R : 1;
  localparam int Sub   = R > PE ? R / PE : 1;
  logic [R*AW-1:0] out_value;
  logic [R-1:0]    out_carry;
  if (Beats > 1) begin : gen_shift
    // The first beat comes from the accumulators, the second from a register that takes it with the first, the others
    // from the held rows through a multiplexer in front of that register.
    localparam int LeftW = $clog2(Beats);
    logic [R*AW-1:0]  value_d, value_q;
    logic [R-1:0]     carry_d, carry_q;
    logic [LeftW-1:0] beat_q; // the beat on value_q, 0: none
    logic             final_q;
    always_ff @(posedge clk_i) if (group_done) final_q <= group_final;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) beat_q <= '0;
      else if (group_done) beat_q <= LeftW'(1);
      else if (beat_q == LeftW'(Beats - 1)) beat_q <= '0;
      else if (beat_q != '0) beat_q <= beat_q + LeftW'(1);
      value_q <= value_d;
      carry_q <= carry_d;
    end
    if (Beats == 2) begin : gen_two
      assign value_d = value[R*AW +: R*AW];
      assign carry_d = carry[R +: R];
    end else begin : gen_many
      // A tree of two-way multiplexers: a variable part select costs a multiplier and a wide shifter in Yosys.
      localparam int Held = Beats - 2;
      localparam int RowW = AW + 1;
      logic [Held*R*RowW-1:0] held_q;
      for (genvar r = 0; r < Held * R; r++) begin : gen_held
        always_ff @(posedge clk_i) begin
          if (group_done) held_q[r*RowW +: RowW] <= {carry[2*R+r], value[(2*R+r)*AW +: AW]};
        end
      end
      for (genvar v = 0; v <= $clog2(Held); v++) begin : gen_level
        localparam int N = (Held + (1 << v) - 1) >> v;
        logic [N*R*RowW-1:0] beat;
        if (v == 0) begin : gen_leaves
          assign beat = held_q;
        end else begin : gen_nodes
          localparam int Below = (Held + (1 << (v - 1)) - 1) >> (v - 1);
          logic odd_q; // bit v-1 of beat_q - 1, the index of the next beat among the held ones
          always_ff @(posedge clk_i) odd_q <= !group_done && beat_q[v-1];
          for (genvar i = 0; i < N; i++) begin : gen_node
            if (2 * i + 1 < Below) begin : gen_pair
              assign beat[i*R*RowW +: R*RowW] = odd_q ? gen_level[v-1].beat[(2*i+1)*R*RowW +: R*RowW]
                                                       : gen_level[v-1].beat[2*i*R*RowW +: R*RowW];
            end else begin : gen_odd
              assign beat[i*R*RowW +: R*RowW] = gen_level[v-1].beat[2*i*R*RowW +: R*RowW];
            end
          end
        end
      end
      for (genvar l = 0; l < R; l++) begin : gen_next
        assign {carry_d[l], value_d[l*AW +: AW]} =
            group_done ? {carry[R+l], value[(R+l)*AW +: AW]} : gen_level[$clog2(Held)].beat[l*RowW +: RowW];
      end
    end
    assign out_value = group_done ? value[R*AW-1:0] : value_q;
    assign out_carry = group_done ? carry[R-1:0] : carry_q;
    assign valid_o   = group_done ? group_final : beat_q != '0 && final_q;
  end else if (Sub > 1) begin : gen_collect
    localparam int SubW = $clog2(Sub);
    localparam int Parts = Split > 0 ? 2 : 1;
    logic [Parts*(R-PE)*AW-1:0] values;
    logic [Parts*(R-PE)-1:0]    carries;
    logic [SubW-1:0]            sub_q;
    for (genvar p = 0; p < Parts; p++) begin : gen_part
      logic [(R-PE)*AW-1:0] value_d, value_q;
      logic [R-PE-1:0]      carry_d, carry_q;
      logic                 take;
      assign take = group_done && (Parts == 1 || group_final == (p == 1));
      if (Sub == 2) begin : gen_two
        assign value_d = value;
        assign carry_d = carry;
      end else begin : gen_many
        assign value_d = {value, value_q[(R-PE)*AW-1:PE*AW]};
        assign carry_d = {carry, carry_q[R-PE-1:PE]};
      end
      always_ff @(posedge clk_i) begin
        if (take) begin
          value_q <= value_d;
          carry_q <= carry_d;
        end
      end
      assign values[p*(R-PE)*AW +: (R-PE)*AW] = value_q;
      assign carries[p*(R-PE) +: R-PE]        = carry_q;
    end
    always_ff @(posedge clk_i) begin
      if (!rst_ni) sub_q <= '0;
      else if (group_done && group_final) sub_q <= sub_q == SubW'(Sub - 1) ? '0 : sub_q + SubW'(1);
    end
    if (Parts == 2) begin : gen_choose
      assign out_value = {value, group_final ? values[(R-PE)*AW +: (R-PE)*AW] : values[(R-PE)*AW-1:0]};
      assign out_carry = {carry, group_final ? carries[R-PE +: R-PE] : carries[R-PE-1:0]};
    end else begin : gen_only
      assign out_value = {value, values};
      assign out_carry = {carry, carries};
    end
    assign valid_o   = group_done && group_final && sub_q == SubW'(Sub - 1);
  end else begin : gen_direct
    assign out_value = value;
    assign out_carry = carry;
    assign valid_o   = group_done && group_final;
  end
  for (genvar l = 0; l < R; l++) begin : gen_row
    assign data_o[l*AW +: AW] = out_value[l*AW +: AW] + AW'(out_carry[l]);
  end

`ifdef FINNGL_ASSERT
  always_ff @(posedge clk_i) begin
    if (rst_ni && start_i && busy_q) $fatal(1, "finngl_mvu: start_i inside a pass");
  end
`endif
endmodule
