namespace PruneGen.Samples.Mnist;

/// <summary>The files of MNIST are damaged or cannot be had; the message says which, why, and what to do.</summary>
public sealed class MnistDataException(string message, Exception? innerException = null) : IOException(message, innerException);
