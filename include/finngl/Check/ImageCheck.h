//===- ImageCheck.h - Memory images on disk ---------------------*- C++ -*-===//

#ifndef FINNGL_CHECK_IMAGECHECK_H
#define FINNGL_CHECK_IMAGECHECK_H

#include "finngl/Check/KernelCheck.h"
#include <functional>
#include <map>
#include <optional>

namespace finngl::check {

/// Every memory image (`.mem`) that the dataflow stage asks for, word by word
/// against the file that simulation and synthesis read. `printed`: file name to
/// text, printed anew from the stage; `read` gives a file's text, or nothing.
KernelComparison checkImages(
    const std::map<std::string, std::string> &printed,
    const std::function<std::optional<std::string>(const std::string &name)>
        &read);

} // namespace finngl::check

#endif // FINNGL_CHECK_IMAGECHECK_H
