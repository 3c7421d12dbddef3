// One state: a vector of N codes a context, written by the tail, read by the matrix-vector unit and by the tail.
//
//   port A: a_addr_i, a_first_i, a_load_i in cycle n -> a_data_o in n + 1 = load ? a_init_i of n + 1 : first ? initial
//     value : stored value.
//   port B: b_valid_i, b_first_i, b_load_i in cycle n -> b_valid_o, b_data_o in n + 1 likewise; beats are counted inside.
//   write:  w_valid_i, w_data_i in cycle n -> readable by addresses of n + 1; beats are counted inside. II 1 everywhere.
// Initial values: zero; or memory images with one word a group (InitFileA: S elements a word for port A, InitFileB: L
// elements a word for port B). ExternalInit: a_load_i / b_load_i take another value instead, from a buffer beside it.
// Banks = 2: step t reads bank t mod 2 and writes the other, so a late reader still sees the old state. Each reader and
// the writer changes bank by itself after its own last beat of a step (port A: after the cycle of a_step_end_i, which
// may be the cycle of its last address). After reset readers stand at bank 0, the writer at bank 1.
// Contexts > 1: the step's slot, {context, bank} or the context with one bank, comes with each read and write; the banks
// are finngl_context's. Bram = 1 keeps the contents in block RAM.
// Reset clears counters and bank pointers, not the contents: the first step after it must have first = 1.
module finngl_state_file #(
    parameter int N            = 8,   // elements, >= 1
    parameter int BW           = 8,   // bits of an element, >= 1
    parameter int L            = 1,   // elements of a write and of a read at port B
    parameter int S            = 1,   // elements of a read at port A, 0 = no port A; lane rules of finngl_vector_mem
    parameter int HasB         = 1,   // 1: port B exists; it must if S = 0
    parameter int Banks        = 1,   // 1 or 2
    parameter int Contexts     = 1,   // >= 1
    parameter bit Bram         = 0,   // finngl_vector_mem
    parameter     InitFileA    = "",  // $readmemh image of N/S words of S*BW bits, "" = zero
    parameter     InitFileB    = "",  // $readmemh image of N/L words of L*BW bits, "" = zero
    parameter int ExternalInit = 0,   // 1: a_load_i and b_load_i are read
    localparam int LanesA    = (S > 0) ? S : N,
    localparam int AAddrBits = (N / LanesA > 1) ? $clog2(N / LanesA) : 1,
    localparam int AWidth    = (S > 0) ? S * BW : 1,
    localparam int SlotBits  = (Banks * Contexts > 1) ? $clog2(Banks * Contexts) : 1
) (
    input  logic                 clk_i,
    input  logic                 rst_ni,
    input  logic [AAddrBits-1:0] a_addr_i,
    input  logic [SlotBits-1:0]  a_slot_i,      // slots are not read if Contexts = 1
    input  logic                 a_first_i,
    input  logic                 a_load_i,      // with a_init_i not read if ExternalInit = 0
    input  logic                 a_step_end_i,
    input  logic [AWidth-1:0]    a_init_i,
    output logic [AWidth-1:0]    a_data_o,
    input  logic                 b_valid_i,
    input  logic [SlotBits-1:0]  b_slot_i,
    input  logic                 b_first_i,
    input  logic                 b_load_i,
    input  logic [L*BW-1:0]      b_init_i,
    output logic                 b_valid_o,
    output logic [L*BW-1:0]      b_data_o,
    input  logic                 w_valid_i,
    input  logic [SlotBits-1:0]  w_slot_i,
    input  logic [L*BW-1:0]      w_data_i
);
  localparam int Beats    = N / L;
  localparam int BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam int GroupsA  = N / LanesA;
  localparam bit RomA     = (InitFileA != "");
  localparam bit RomB     = (InitFileB != "");
  localparam int LanesB   = (HasB == 1) ? L : 0;
  localparam int BWidth   = (HasB == 1) ? L * BW : 1;
  localparam int MemBBits = (HasB == 1) ? BeatBits : 1;  // width of an address of an absent port

  initial begin
    if (HasB < 0 || HasB > 1 || ExternalInit < 0 || ExternalInit > 1) $fatal(1, "finngl_state_file: flag is not 0 or 1");
    if (Contexts < 1 || Banks < 1 || Banks > 2 || S < 0 || L < 1 || N % L != 0) $fatal(1, "finngl_state_file: parameter out of range");
    if (S == 0 && HasB == 0) $fatal(1, "finngl_state_file: no read port");
  end

  logic [BeatBits-1:0] w_beat_q, b_beat_q;
  logic                w_end, b_end;
  logic [SlotBits-1:0] a_slot, b_slot, w_slot;
  logic [AWidth-1:0]   a_mem;
  logic [BWidth-1:0]   b_mem;

  assign w_end = w_valid_i && w_beat_q == BeatBits'(Beats - 1);
  assign b_end = b_valid_i && b_beat_q == BeatBits'(Beats - 1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) w_beat_q <= '0;
    else if (w_valid_i) w_beat_q <= w_end ? '0 : w_beat_q + BeatBits'(1);
  end

  if (Contexts > 1) begin : gen_contexts
    logic unused;
    assign unused = ^{a_step_end_i, b_end};
    assign a_slot = a_slot_i;
    assign b_slot = b_slot_i;
    assign w_slot = w_slot_i;
  end else if (Banks == 2) begin : gen_banks
    logic unused;
    assign unused = ^{a_slot_i, b_slot_i, w_slot_i};
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        a_slot <= 1'b0;
        b_slot <= 1'b0;
        w_slot <= 1'b1;
      end else begin
        a_slot <= a_slot ^ a_step_end_i;
        b_slot <= b_slot ^ b_end;
        w_slot <= w_slot ^ w_end;
      end
    end
  end else begin : gen_bank
    logic unused;
    assign unused = ^{a_step_end_i, b_end, a_slot_i, b_slot_i, w_slot_i};
    assign a_slot = '0;
    assign b_slot = '0;
    assign w_slot = '0;
  end

  finngl_vector_mem #(
      .N    (N),
      .BW   (BW),
      .WL   (L),
      .RA   (S),
      .RB   (LanesB),
      .Slots(Banks * Contexts),
      .Bram (Bram)
  ) i_mem (
      .clk_i,
      .wr_en_i  (w_valid_i),
      .wr_addr_i(w_beat_q),
      .wr_slot_i(w_slot),
      .wr_data_i(w_data_i),
      .a_addr_i,
      .a_slot_i (a_slot),
      .a_data_o (a_mem),
      .b_addr_i (b_beat_q[MemBBits-1:0]),
      .b_slot_i (b_slot),
      .b_data_o (b_mem)
  );

  if (S > 0) begin : gen_a
    logic a_first_q;
    logic [AWidth-1:0] init;
    always_ff @(posedge clk_i) a_first_q <= a_first_i;
    if (RomA) begin : gen_rom
      logic [AWidth-1:0] rom[GroupsA];
      logic [AWidth-1:0] rom_q;
      initial $readmemh(InitFileA, rom);
      always_ff @(posedge clk_i) rom_q <= rom[a_addr_i];
      assign init = rom_q;
    end else begin : gen_zero
      assign init = '0;
    end
    if (ExternalInit == 1) begin : gen_load
      logic load_q;
      always_ff @(posedge clk_i) load_q <= a_load_i;
      assign a_data_o = load_q ? a_init_i : a_first_q ? init : a_mem;
    end else begin : gen_no_load
      assign a_data_o = a_first_q ? init : a_mem;
    end
  end else begin : gen_no_a
    logic unused;
    assign unused   = ^{a_first_i, a_mem};
    assign a_data_o = '0;
  end
  if (S == 0 || ExternalInit == 0) begin : gen_no_a_init
    logic unused;
    assign unused = ^{a_load_i, a_init_i};
  end

  if (HasB == 1) begin : gen_b
    logic b_first_q, b_valid_q;
    logic [L*BW-1:0] init;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        b_beat_q  <= '0;
        b_valid_q <= 1'b0;
      end else begin
        if (b_valid_i) b_beat_q <= b_end ? '0 : b_beat_q + BeatBits'(1);
        b_valid_q <= b_valid_i;
      end
    end
    always_ff @(posedge clk_i) b_first_q <= b_first_i;
    if (RomB) begin : gen_rom
      logic [L*BW-1:0] rom[Beats];
      logic [L*BW-1:0] rom_q;
      initial $readmemh(InitFileB, rom);
      always_ff @(posedge clk_i) rom_q <= rom[b_beat_q];
      assign init = rom_q;
    end else begin : gen_zero
      assign init = '0;
    end
    if (ExternalInit == 1) begin : gen_load
      logic load_q;
      always_ff @(posedge clk_i) load_q <= b_load_i;
      assign b_data_o = load_q ? b_init_i : b_first_q ? init : b_mem;
    end else begin : gen_no_load
      assign b_data_o = b_first_q ? init : b_mem;
    end
    assign b_valid_o = b_valid_q;
  end else begin : gen_no_b
    logic unused;
    assign unused    = ^{b_first_i, b_mem};
    assign b_beat_q  = '0;
    assign b_data_o  = '0;
    assign b_valid_o = 1'b0;
  end
  if (HasB == 0 || ExternalInit == 0) begin : gen_no_b_init
    logic unused;
    assign unused = ^{b_load_i, b_init_i};
  end
endmodule
