namespace PruneGen;

/// <summary>How the ratio is reached; each is reached in <see cref="PrunableAttribute.Rounds"/> steps.</summary>
public enum SparsitySchedule
{
    /// <summary>In equal rounds of pruning and retraining (Han et al., 2015).</summary>
    Linear,

    /// <summary>In rounds, much at first and ever less (Zhu and Gupta, 2017).</summary>
    Cubic,

    /// <summary>In rounds, the same share of what is left in each (Frankle and Carbin, 2019).</summary>
    Exponential,

    /// <summary>In rounds, slowly at first and at the end.</summary>
    Cosine,

    /// <summary>While the model is trained, update by update along the cubic curve, by three quarters of the training (Zhu and Gupta, 2017).</summary>
    Gradual,

    /// <summary>In rounds, with the values that the model began with put back after each (Frankle and Carbin, 2019): for untrained models.</summary>
    LotteryTicket,

    /// <summary>
    /// One layer after the other, from the input on, each in <see cref="PrunableAttribute.Rounds"/> steps with retraining behind each, as far as
    /// <see cref="PrunableAttribute.ErrorBudget"/> lets it (Luo et al., 2017).
    /// </summary>
    ShallowToDeep,

    /// <summary>
    /// In rounds, each with all of the learning rates from the first one on, and values as they are (Renda et al., 2020): for untrained models.
    /// </summary>
    LearningRateRewinding,
}
