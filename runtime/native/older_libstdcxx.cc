// What containers throw where they would be too large is a function of the C++ library since GCC 11. Defined here, an addon
// that a newer compiler makes loads with the older libraries that Node itself runs on.

#include <cstdlib>

#ifdef __GLIBCXX__
namespace std {
void __throw_bad_array_new_length() { abort(); }
}  // namespace std
#endif
