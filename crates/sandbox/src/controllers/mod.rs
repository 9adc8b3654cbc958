//! What controllers and the kubelet of a cluster would do, done at once after every write.

mod reconcile;
