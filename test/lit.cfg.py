import os
import sys
import lit.formats

config.name = "finngl"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["rtl", "fixtures", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(lit_config.params["build_dir"], "test-output")
config.environment["PATH"] = os.pathsep.join(
    [lit_config.params["finngl_bin"], lit_config.params["llvm_bin"], config.environment["PATH"]]
)
# LLVM's arenas, instantiated in our ASan build, poison memory that the distribution's libMLIR uses.
config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0"
config.substitutions.append(("%fixtures", os.path.join(config.test_source_root, "fixtures")))
config.substitutions.append(("%python", sys.executable))
