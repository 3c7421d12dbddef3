//===- Result.h - A value or the reason why there is none -------*- C++ -*-===//

#ifndef FINNGL_CORE_RESULT_H
#define FINNGL_CORE_RESULT_H

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace finngl {

/// Small letter, no full stop: what is wrong, then the remedy.
struct Failure {
  std::string message;
  std::string note = {};
};

template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : state(std::move(value)) {}
  Result(Failure failure) : state(std::move(failure)) {}

  explicit operator bool() const { return state.index() == 0; }
  const T &operator*() const { return *get(); }
  T &operator*() {
    assert(*this && "no value");
    return *std::get_if<0>(&state);
  }
  const T *operator->() const { return get(); }
  const Failure &failure() const {
    assert(!*this && "no failure");
    return *std::get_if<1>(&state);
  }

private:
  const T *get() const {
    assert(*this && "no value");
    return std::get_if<0>(&state);
  }
  std::variant<T, Failure> state;
};

} // namespace finngl

#endif // FINNGL_CORE_RESULT_H
